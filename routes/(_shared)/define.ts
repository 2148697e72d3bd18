/** Gives route files their types. */
import { createDefine } from "fresh";
import type { State } from "./state.ts";

export const define = createDefine<State>();
