/** The replaceable parts of the client: contract tests break them one at a time to prove that a test notices. */

/**
 * Which part keeps which rule of a good ComfyUI client.
 *
 * | rule | kept by |
 * |---|---|
 * | 1 HTTP is the truth, the socket a hint | `ComfyClient.find`, `pollDelayMs`, `isWorthALook` |
 * | 2 success is told before history is written | `pollDelayMs` after an end event, `stateOfEnd` |
 * | 3 own id, asked for before it is posted | `needsPost` |
 * | 4 registered before the POST, matched by prompt id | `expectPrompt`, `promptOf` |
 * | 5 socket first, pings, back-off, fresh client id | `Link`, `nextClientId`, `backoff` |
 * | 6 a lost prompt, and a restart | `sawRestart`, `ComfyClient.find` |
 * | 7 a dead worker | `isStuck` |
 * | 8 always a client id | `promptBody` |
 * | 9 fully cached prompts, files that are gone | `isThere` |
 * | 10 outputs by shape | `collectOutputs` |
 * | 11 own prefix per prompt | `foreignPrefixes` refuses others |
 * | 12 streamed download with resume | `downloadFile`, `resumeHeaders` |
 * | 13 content-hash uploads, returned name | `uploadFile`, `loaderValue` |
 * | 14 size before sending, 413 | `fits`, `tooLarge` |
 * | 15 cancel by id | `stopCalls` |
 * | 16 errors told apart | `executionProblem`, `replyProblem` |
 * | 17 200 with node errors | `hasNodeErrors` |
 * | 18 definitions, asked again after a 400 | `ComfyClient.definitions`, `staysKnown`, core/workflow/models.ts `findLack` |
 * | 19 one history entry at a time | `historyPath` |
 * | 20 own queue depth | the scheduler: slots per backend |
 * | 21 unknown and odd messages | `readFrame`, `ratioOf` |
 * | 22 weighed progress | core/comfy/progress.ts, `cachedShares`, `NewsDesk` |
 * | 23 readiness and memory | `ComfyClient.status` reports `memoryOf`; the scheduler's family order keeps models warm |
 * | 24 free | `freeBody` |
 * | 25 prefix, headers, TLS, no Origin, time limits | `readEndpoint`, `addressOf`, `Http` |
 * | 26 files of several servers | the job's effects: every file is collected and uploaded again where it is needed |
 */
import { collectOutputs, foreignPrefixes } from "@/core/comfy/outputs.ts";
import { ratioOf } from "@/core/comfy/progress.ts";
import type { ComfyStatus, PromptNews, PromptState, Random } from "@/core/ports.ts";
import type { Graph } from "@/core/template.ts";
import { isThere, resumeHeaders } from "./download.ts";
import { addressOf } from "./http.ts";
import type { Limits } from "./limits.ts";
import { cachedShares, type NewsDesk, promptOf } from "./news.ts";
import { executionProblem } from "./problems.ts";
import type { NodeError, SystemStats } from "./schemas.ts";
import { fits, loaderValue } from "./upload.ts";

export const PARTS = {
  addressOf,
  cachedShares,
  collectOutputs,
  executionProblem,
  expectPrompt,
  fits,
  foreignPrefixes,
  freeBody,
  hasNodeErrors,
  historyPath,
  isStuck,
  isThere,
  isWorthALook,
  loaderValue,
  memoryOf,
  needsPost,
  nextClientId,
  pollDelayMs,
  promptBody,
  promptOf,
  ratioOf,
  resumeHeaders,
  sawRestart,
  staysKnown,
  stopCalls,
};
export type Parts = typeof PARTS;

/** When to look next. Fast after an end event, because history is written after it; but not for ever. */
export function pollDelayMs(
  link: { connected: boolean; endedAgoMs: number | null },
  options: { limits: Limits; random: Random },
): number {
  const { limits, random } = options;
  if (link.endedAgoMs !== null && link.endedAgoMs < limits.endWindowMs) return limits.pollEndMs;
  if (!link.connected) return limits.pollDownMs;
  return limits.pollMs.least + random() * (limits.pollMs.most - limits.pollMs.least);
}

/** News after which HTTP has something new to tell: a prompt began, or ended. */
export function isWorthALook(kind: PromptNews["kind"]): boolean {
  return kind === "started" || kind === "ended";
}

/** A prompt that the server knows in any state is never sent again. */
export function needsPost(state: PromptState): boolean {
  return state.state === "unknown";
}

export function expectPrompt(desk: NewsDesk, promptId: string, graph: Graph): void {
  desk.expect(promptId, graph);
}

/** The server removes a new socket when an old one of the same id closes late (#16010). */
export function nextClientId(_previous: string | null, make: () => string): string {
  return make();
}

export interface RestartSigns {
  /** `number` of this POST reply and of the one before: the server counts up while it lives. */
  number?: number;
  numberBefore?: number | null;
  /** Nothing listened at the address, and now something answers. */
  refused?: boolean;
  /** A prompt that the server had, unknown now, and the connection dropped in between. */
  forgotten?: boolean;
}

export function sawRestart(signs: RestartSigns): boolean {
  const { number, numberBefore } = signs;
  const reset = number !== undefined && typeof numberBefore === "number" && number < numberBefore;
  return reset || signs.refused === true || signs.forgotten === true;
}

/** A worker that lives takes the next prompt at once, and says something of the one it runs now and then. */
export function isStuck(
  seen: { pending: number; running: number; oursRuns: boolean; silentMs: number },
  limits: Limits,
): boolean {
  if (seen.running === 0) return seen.pending > 0 && seen.silentMs > limits.idleStuckMs;
  return seen.oursRuns && seen.silentMs > limits.stuckMs;
}

/** Without a client id other clients would get our progress, and older servers drop cached outputs. No `number`. */
export function promptBody(prompt: Graph, ids: { promptId: string; clientId: string }) {
  return { prompt, prompt_id: ids.promptId, client_id: ids.clientId };
}

export function hasNodeErrors(errors: Record<string, NodeError> | null | undefined): boolean {
  return Object.keys(errors ?? {}).length > 0;
}

/** A 400 may mean that models or nodes changed: what is known of them is asked for again. */
export function staysKnown(status: number): boolean {
  return status !== 400;
}

export function historyPath(promptId: string): string {
  return `history/${promptId}`;
}

/** Never a bare interrupt: it would end whatever runs, of whomever. */
export function stopCalls(
  promptId: string,
  server: { canCancel: boolean; runsNow: boolean },
): { path: string; json: unknown }[] {
  if (server.canCancel) return [{ path: `api/jobs/${promptId}/cancel`, json: {} }];
  const take = { path: "queue", json: { delete: [promptId] } };
  return server.runsNow ? [take, { path: "interrupt", json: { prompt_id: promptId } }] : [take];
}

/** What the server says of its device; null where it does not tell. */
export function memoryOf(
  stats: SystemStats,
): Pick<ComfyStatus, "device" | "vramTotal" | "vramFree" | "ramFree"> {
  const device = stats.devices?.[0];
  // Without a graphics card the server tells its main memory in these fields.
  const card = device?.type === "cpu" ? null : device;
  return {
    device: device?.name ?? "unknown",
    vramTotal: card?.vram_total ?? null,
    vramFree: card?.vram_free ?? null,
    ramFree: stats.system.ram_free ?? null,
  };
}

export function freeBody() {
  return { unload_models: true, free_memory: true };
}
