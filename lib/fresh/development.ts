/** Loaded before the app (`--preload`): pages reload by themselves when the sources change. */
import { setDefaultMode } from "./runtime_state.ts";

setDefaultMode("development");
