/** The names of things: ids are UUIDv7 text, prompt ids are canonical lower-case UUIDs, files are SHA-256. */
import { z } from "zod";

export const Id = z.uuid().regex(/^[0-9a-f-]{36}$/);
export const UserId = Id.brand<"UserId">();
export const JobId = Id.brand<"JobId">();
export const AssetId = Id.brand<"AssetId">();
/** ComfyUI demands canonical lower-case UUIDs from 0.25 on. */
export const PromptId = Id.brand<"PromptId">();
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Names a step inside one plan, for instance `chunk-003`. */
export const StepId = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

export type UserId = z.infer<typeof UserId>;
export type JobId = z.infer<typeof JobId>;
export type AssetId = z.infer<typeof AssetId>;
export type PromptId = z.infer<typeof PromptId>;
export type Sha256 = z.infer<typeof Sha256>;
export type StepId = z.infer<typeof StepId>;
