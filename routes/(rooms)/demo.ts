/** One click makes the demo films of the samples that come with the studio. Clicking twice makes them once. */
import { HttpError } from "fresh";
import type { Context } from "fresh";
import type { ShownAsset, ShownJob } from "@/core/shown.ts";
import { demo as words } from "@/core/words/demo.ts";
import { ask } from "../(_shared)/ask.ts";
import { define } from "../(_shared)/define.ts";
import type { State } from "../(_shared)/state.ts";

/** Changes when the samples do, so that they are made anew. */
const EDITION = "demo-1";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect("/dashboard", 303),
  async POST(ctx) {
    // One by one: a file that is refused leaves no other half read.
    const groundTruth = await bringSample(ctx, "character.png");
    const drive = await bringSample(ctx, "drive.mp4");
    const phone = await bringSample(ctx, "phone.mp4");
    const voice = await bringSample(ctx, "voice.mp3");
    const { move, mix, performance } = words;
    // The last one asked for stands first, and the first one asked for is ready first.
    await makeOnce(ctx, "performance", {
      mode: "audio",
      ...performance,
      assets: { groundTruth, audio: voice },
    });
    await makeOnce(ctx, "mix", {
      mode: "animate",
      submode: "mix",
      ...mix,
      assets: { groundTruth, motionVideo: phone },
    });
    await makeOnce(ctx, "move", {
      mode: "animate",
      submode: "move",
      ...move,
      assets: { groundTruth, motionVideo: drive },
    });
    return ctx.redirect("/dashboard", 303);
  },
});

type Asking = Pick<Context<State>, "req" | "url" | "state" | "config">;

/** A file of `static/samples/` as an asset of the person; the same one when asked again. */
async function bringSample(ctx: Asking, name: string): Promise<string> {
  const headers = { "idempotency-key": `${EDITION}-${name}` };
  const entry = await ask<ShownAsset>(ctx, "/api/assets", { body: { name }, headers });
  if (!entry.ok) throw new HttpError(entry.status, entry.problem.title);
  if (entry.body.state === "ready") return entry.body.id;
  const { readable } = await Deno.open(`${ctx.config.root}/static/samples/${name}`);
  const path = `/api/assets/${entry.body.id}/content`;
  const brought = await ask<ShownAsset>(ctx, path, { method: "PUT", content: readable });
  if (!brought.ok) throw new HttpError(brought.status, brought.problem.title);
  return brought.body.id;
}

async function makeOnce(ctx: Asking, name: string, body: Record<string, unknown>): Promise<void> {
  const headers = { "idempotency-key": `${EDITION}-${name}` };
  const made = await ask<{ items: ShownJob[] }>(ctx, "/api/jobs", { body, headers });
  if (!made.ok) throw new HttpError(made.status, made.problem.title);
}
