/** Figures as people read them, in the language of this studio. */
export * from "./en/format.ts";
