/** Reads recordings of a real ComfyUI 0.33.0: what each client heard, and what each request was answered. */
import { z } from "zod";
import { Graph } from "@/core/template.ts";

const Event = z.looseObject({
  t: z.number(),
  kind: z.string(),
  client: z.string().optional(),
  path: z.string().optional(),
  method: z.string().optional(),
  status: z.number().optional(),
  content_type: z.string().optional(),
  msg: z.looseObject({ type: z.string() }).optional(),
  body: z.unknown().optional(),
  head_hex: z.string().optional(),
  length: z.number().optional(),
  base64: z.string().optional(),
});
const Recording = z.looseObject({
  source: z.string(),
  description: z.string(),
  events: z.array(Event),
});
export type RecordedEvent = z.infer<typeof Event>;

const FOLDER = new URL("../fixtures/comfy/", import.meta.url);

export function recordingNames(): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => /^\d\d_.*\.json$/.test(name))
    .sort();
}

export function readRecording(name: string): RecordedEvent[] {
  return Recording.parse(JSON.parse(Deno.readTextFileSync(new URL(name, FOLDER)))).events;
}

/** A frame as it came: large pictures were recorded by their first bytes and length only. */
export function frameOf(event: RecordedEvent): string | Uint8Array | null {
  if (event.kind === "ws_recv") return JSON.stringify(event.msg);
  if (event.kind !== "ws_recv_binary") return null;
  if (event.base64 !== undefined) return Uint8Array.from(atob(event.base64), (char) => char.charCodeAt(0));
  const frame = new Uint8Array(event.length ?? 0);
  for (const [at, byte] of (event.head_hex ?? "").match(/../g)?.entries() ?? []) {
    frame[at] = parseInt(byte, 16);
  }
  return frame;
}

const Prompt = z.looseObject({ prompt: Graph, prompt_id: z.string().optional() });
const Accepted = z.looseObject({ prompt_id: z.string() });

/** Prompts in the order in which they were accepted, with their graphs. Replies come in the order of requests. */
export function promptsOf(events: RecordedEvent[]): { promptId: string; graph: Graph }[] {
  const graphs: Graph[] = [];
  const found: { promptId: string; graph: Graph }[] = [];
  for (const event of events) {
    if (event.path !== "/prompt") continue;
    if (event.kind === "http_request" && event.method === "POST") {
      const body = Prompt.safeParse(event.body);
      if (body.success) graphs.push(body.data.prompt);
    }
    const reply = event.kind === "http_response" ? Accepted.safeParse(event.body) : null;
    const graph = reply?.success === true ? graphs.shift() : undefined;
    if (reply?.success === true && graph !== undefined) found.push({ promptId: reply.data.prompt_id, graph });
  }
  return found;
}
