/** How long the render server idles between two prompts while others wait, and how soon a start is shown, by its own timestamps. */
import { z } from "zod";
import type { BoundPrompt } from "@/actors/job/effects/ports.ts";
import { openComfy } from "@/adapters/comfy/client.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { openDraft, silent } from "@/tests/rig/rig.ts";
import { type EngineBench, filmJob, runJobs, startEngineBench } from "./engine.ts";
import { at, print, sortUp } from "./report.ts";

const JOBS = 150;
/** Four sampler steps make a prompt of 200 ms. */
const STEP_MS = 50;
const STEPS = 4;

const Message = z.tuple([z.string(), z.looseObject({ timestamp: z.number().optional() })]);
export const History = z.record(
  z.string(),
  z.looseObject({ status: z.looseObject({ messages: z.array(Message) }) }),
);

export type History = z.infer<typeof History>;

export async function benchGap(): Promise<void> {
  const dir = await Deno.makeTempDir();
  const draft = await openDraft(dir, { stepMs: STEP_MS });
  const comfy = openComfy({
    id: "one",
    url: draft.url,
    epoch: 1,
    authHeader: null,
    clock: systemClock(),
    ids: systemIds(),
    random: Math.random,
    log: silent,
  });
  const bench = await startEngineBench({ pool: { servers: [{ url: draft.url, comfy }], bind: bindPicture } });
  await runJobs(bench, Array.from({ length: JOBS }, () => filmJob(bench.newId(), "owner")));
  const shown = await shownStarts(bench);
  await bench.end();
  await comfy.close();
  const answer = await fetch(`${draft.url}/history?max_items=1000`);
  const history = History.parse(await answer.json());
  printGaps(history);
  printStarts(history, shown);
  await draft.close();
  await Deno.remove(dir, { recursive: true });
}

/** A small picture, sampled. The seed is the prompt's own, so that nothing comes from the server's cache. */
export function bindPicture(promptId: string, family = "any"): BoundPrompt {
  const prefix = `bench/${promptId}/clip`;
  const seed = Number.parseInt(promptId.slice(0, 8), 16);
  const text = (words: string) => ({
    class_type: "CLIPTextEncode",
    inputs: { clip: ["model", 1] as [string, number], text: words },
  });
  return {
    graph: {
      model: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: `${family}.safetensors` } },
      good: text("a harbour"),
      bad: text(""),
      empty: { class_type: "EmptyLatentImage", inputs: { width: 64, height: 64, batch_size: 1 } },
      sampler: {
        class_type: "KSampler",
        inputs: {
          model: ["model", 0],
          positive: ["good", 0],
          negative: ["bad", 0],
          latent_image: ["empty", 0],
          seed,
          steps: STEPS,
          cfg: 1,
          sampler_name: "euler",
          scheduler: "simple",
          denoise: 1,
        },
      },
      frames: { class_type: "VAEDecode", inputs: { samples: ["sampler", 0], vae: ["model", 2] } },
      save: { class_type: "SaveImage", inputs: { images: ["frames", 0], filename_prefix: prefix } },
    },
    outputs: [{ role: "clip", node: "save", kind: "image", required: true, prefix }],
    stages: { titles: [], of: new Map() },
  };
}

/** When the history of each prompt's job told of its start. */
async function shownStarts({ db }: EngineBench): Promise<Map<string, number>> {
  const rows = await db.reader.selectFrom("event").innerJoin("step", "step.job_id", "event.actor_id")
    .select(["step.prompt_id", "event.at"]).where("event.kind", "=", "step.started").execute();
  return new Map(rows.flatMap(({ prompt_id, at }) => prompt_id === null ? [] : [[prompt_id, at]]));
}

type Run = History[string];

export function timeOf({ status }: Run, type: string): number {
  return status.messages.find(([name]) => name === type)?.[1].timestamp ?? NaN;
}

function printStarts(history: History, shown: Map<string, number>): void {
  const delays = sortUp(
    Object.entries(history).map(([id, run]) => (shown.get(id) ?? NaN) - timeOf(run, "execution_start")),
  );
  print({ bench: "start.shown.p50", value: at(delays, 0.5), unit: "ms", target: "<= 200" });
  print({ bench: "start.shown.p95", value: at(delays, 0.95), unit: "ms", target: "<= 200" });
}

function printGaps(history: History): void {
  const spans = Object.values(history).map((run) => ({
    start: timeOf(run, "execution_start"),
    end: timeOf(run, "execution_success"),
  })).sort((a, b) => a.start - b.start);
  const gaps = sortUp(spans.slice(1).map((span, n) => span.start - (spans[n]?.end ?? NaN)));
  const wholeMs = (spans.at(-1)?.end ?? NaN) - (spans[0]?.start ?? NaN);
  const busyMs = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  print({ bench: "gap.prompt", value: busyMs / spans.length, unit: "ms per prompt", prompts: spans.length });
  print({ bench: "gap.p50", value: at(gaps, 0.5), unit: "ms", target: "<= 5" });
  print({ bench: "gap.p95", value: at(gaps, 0.95), unit: "ms", target: "<= 250" });
  print({ bench: "gap.idle", value: 1 - busyMs / wholeMs, unit: "share", target: "< 0.02" });
}
