/** The door to stored files. */
export { type LocalStorage, type LocalStorageOptions, openLocalStorage } from "./local.ts";
export { type AcceptedExt, SNIFF_BYTES, sniffType } from "./sniff.ts";
