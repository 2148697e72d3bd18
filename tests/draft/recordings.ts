/** Recordings of a real ComfyUI, and the form in which two conversations can be compared. */
import { z } from "zod";

const Event = z.looseObject({
  kind: z.string(),
  client: z.string().optional(),
  msg: z.looseObject({ type: z.string(), data: z.record(z.string(), z.unknown()) }).optional(),
  binary_event: z.number().optional(),
  text: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  status: z.number().optional(),
  content_type: z.string().optional(),
  body: z.unknown().optional(),
});
export type Recorded = z.infer<typeof Event>;

const FOLDER = new URL("../fixtures/comfy/", import.meta.url);

/** The events of the recording whose file name starts with this number. */
export async function readRecording(number: string): Promise<Recorded[]> {
  for await (const entry of Deno.readDir(FOLDER)) {
    if (!entry.name.startsWith(`${number}_`)) continue;
    const text = await Deno.readTextFile(new URL(entry.name, FOLDER));
    return z.looseObject({ events: z.array(Event) }).parse(JSON.parse(text)).events;
  }
  throw new Error(`there is no recording ${number}`);
}

/** What one client of a recording was told, in comparable form. */
export function heardIn(events: Recorded[], client: string): string[] {
  return events.filter((event) => event.client === client).flatMap((event) => {
    if (event.kind === "ws_recv_binary") return [`binary ${event.binary_event}`];
    return event.kind === "ws_recv" && event.msg ? [canon(event.msg)] : [];
  });
}

/** A message without what differs from run to run: ids, times, temporary names, stack frames. */
export function canon(message: unknown): string {
  return JSON.stringify(message, (key, value) => {
    if (key === "timestamp" || key === "traceback" || key === "sid" || key === "create_time") {
      return undefined;
    }
    if (key === "prompt_id") return "P";
    if (key === "executed" || key === "current_outputs") return [...value].sort();
    if (key === "current_inputs") return Object.keys(value);
    if (typeof value === "string") return value.replace(/^ComfyUI_temp_[a-z]+_\d+/, "ComfyUI_temp");
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
      : value;
  });
}

/** Without the steps of a sampler, whose number depends on when somebody interrupts it. */
export function withoutSteps(heard: string[]): string[] {
  return heard.filter((line) =>
    !line.startsWith("binary") && !line.includes('"type":"progress"') &&
    !line.includes('"type":"progress_state"')
  );
}
