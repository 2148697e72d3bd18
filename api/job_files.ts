/** The files of a job: finished outputs, their posters, the files of single takes, and the newest preview. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import { isTerminal } from "@/core/status.ts";
import { FILE_ANSWERS } from "./assets.ts";
import type { Api } from "./env.ts";
import { downloadName, endingOf, mimeOf } from "./names.ts";
import { serveFile } from "./range.ts";
import { IdParam } from "./schemas.ts";
import { ownJob } from "./jobs.ts";

/** What may be shown of a take: pictures, sound and film. Latents and data stay inside. */
const SHOWABLE = /^(image|video|audio)\//;

export function addJobFiles(api: Api): void {
  const OutputParam = z.strictObject({ id: IdParam.shape.id, output: z.string().max(80) });
  const file = createRoute({
    method: "get",
    path: "/jobs/{id}/outputs/{output}/file",
    tags: ["jobs"],
    summary: "A finished file, with Range; `download` gives it a name to save under.",
    request: { params: OutputParam, query: z.strictObject({ download: z.enum(["0", "1"]).default("0") }) },
    responses: FILE_ANSWERS,
  });
  api.openapi(file, async (c) => {
    const { id, output } = c.req.valid("param");
    const job = await ownJob(c, id);
    const found = (await c.env.studio.jobs.outputs(job.id)).find((one) => one.id === output);
    if (found === undefined) throw fail("request.not_found");
    const saveAs = c.req.valid("query").download === "1"
      ? downloadName(job, { ext: endingOf(found.file) })
      : null;
    return await serveFile(c, { name: found.file, mime: mimeOf(found.file), saveAs });
  });

  const poster = createRoute({
    method: "get",
    path: "/jobs/{id}/outputs/{output}/poster",
    tags: ["jobs"],
    summary: "The picture that stands for an output.",
    request: { params: OutputParam },
    responses: FILE_ANSWERS,
  });
  api.openapi(poster, async (c) => {
    const { id, output } = c.req.valid("param");
    const job = await ownJob(c, id);
    const found = (await c.env.studio.jobs.outputs(job.id)).find((one) => one.id === output);
    if (!found?.poster) throw fail("request.not_found");
    return await serveFile(c, { name: found.poster, mime: mimeOf(found.poster), saveAs: null });
  });

  addTakeFiles(api);
}

function addTakeFiles(api: Api): void {
  const takeFile = createRoute({
    method: "get",
    path: "/jobs/{id}/steps/{step}/takes/{take}/files/{role}/{ord}",
    tags: ["jobs"],
    summary: "A file of one take of one step, with Range.",
    request: {
      params: z.strictObject({
        id: IdParam.shape.id,
        step: z.string().max(64),
        take: z.coerce.number().int().min(0),
        role: z.string().max(64),
        ord: z.coerce.number().int().min(0),
      }),
    },
    responses: FILE_ANSWERS,
  });
  api.openapi(takeFile, async (c) => {
    const { id, step, take, role, ord } = c.req.valid("param");
    const job = await ownJob(c, id);
    const row = (await c.env.studio.jobs.steps(job.id)).find((one) => one.id === step && one.take === take);
    const found = row?.outputs.find((one) => one.role === role && one.ord === ord);
    const name = found ? `${found.sha256}.${found.ext}` : "";
    if (!SHOWABLE.test(mimeOf(name))) throw fail("request.not_found");
    return await serveFile(c, { name, mime: mimeOf(name), saveAs: null });
  });

  const preview = createRoute({
    method: "get",
    path: "/jobs/{id}/preview",
    tags: ["jobs"],
    summary: "The newest preview picture of a running job; 204 while there is none, and after the end.",
    request: { params: IdParam, query: z.strictObject({ revision: z.string().max(20).optional() }) },
    responses: { 200: FILE_ANSWERS[200], 204: { description: "There is none now." } },
  });
  api.openapi(preview, async (c) => {
    const job = await ownJob(c, c.req.valid("param").id);
    const progress = c.env.studio.progress.latest(job.id);
    // That of an ended run is no picture of now.
    const picture = !isTerminal(job.status) && progress?.run === job.run ? progress.preview : undefined;
    // A page that asks a moment too late has done nothing wrong.
    if (!picture || !/^image\/(jpeg|png|webp)$/.test(picture.type)) {
      return new Response(null, { status: 204 });
    }
    return new Response(picture.bytes.slice(), {
      headers: {
        "content-type": picture.type,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    });
  });
}
