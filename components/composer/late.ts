/** The parts of the composer that come when the first of them is opened: one script for all menus and sheets. */
export { takeOffered } from "@/core/composer_edits.ts";
export { AddMenu, ChipMenu, DraftOnly, PromptMenu } from "./menus.tsx";
export { keepWords, stepWords } from "./recall.ts";
export { ModeList } from "./mode_list.tsx";
export { KeySheet } from "./keys.tsx";
export { Settings } from "./settings.tsx";
export { TrimSheet } from "./trim.tsx";
