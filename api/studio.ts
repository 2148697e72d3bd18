/** The door through which the API reaches the world; it is declared in core, where pages find it too. */
export type * from "@/core/studio.ts";
