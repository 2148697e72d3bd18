/** Prompt files: read and judged without being kept, and written of a long take that was made. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import {
  parsePromptFile,
  pathName,
  PROMPT_FILE_BYTES_MAX,
  readDirected,
  writeDirected,
  writePromptFile,
} from "@/core/prompt_file.ts";
import type { ShownPromptFile } from "@/core/shown_prompt_files.ts";
import { takes as words } from "@/core/words/takes.ts";
import { readDraft } from "./admission.ts";
import type { Api, Call } from "./env.ts";
import { ownJob } from "./jobs.ts";
import { cleanName, endingOf } from "./names.ts";
import { refusals } from "./problems.ts";
import { disposition } from "./range.ts";
import { IdParam, plainText } from "./schemas.ts";
import { requireUser } from "./session.ts";

const ZIP_BYTES_MAX = 16 * 1024 * 1024;
/** Of the model, where no long take is offered. */
const RATE = 16;
/** A person drops a folder at once, and then thinks. */
const PER_PERSON = { size: 300, refillMs: 50 };

const Read = z.object({
  items: z.array(z.object({
    name: z.string(),
    take: z.object({
      name: z.string(),
      frames: z.int(),
      prompt: z.string(),
      negativePrompt: z.string(),
    }).nullable().openapi({ description: "Null where the file has faults." }),
    faults: z.array(z.object({
      block: z.int().openapi({ description: "From 1; 0 is the file as a whole." }),
      line: z.int(),
      text: z.string(),
    })),
    text: z.string().nullable().openapi({ description: "What stands in it, where that is text." }),
  })),
}).openapi("PromptFiles");

export function addPromptFiles(api: Api): void {
  const read = createRoute({
    method: "post",
    path: "/takes/content",
    tags: ["jobs"],
    summary:
      "Read a prompt file, or a zip of them: each with what it asks for or its faults. Nothing is kept.",
    request: {
      query: z.strictObject({ name: plainText(400).default("pasted.txt") }),
      body: {
        required: true,
        content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
      },
    },
    responses: {
      200: { description: "A report for each file.", content: { "application/json": { schema: Read } } },
    },
  });
  api.openapi(read, async (c) => {
    const retryAfterMs = c.env.studio.limiter.take(`takes:${requireUser(c).id}`, PER_PERSON);
    if (retryAfterMs > 0) throw fail("request.rate_limited", { retryAfterMs });
    return c.json({ items: await readFile(c, nameOf(c.req.valid("query").name)) }, 200);
  });

  const write = createRoute({
    method: "get",
    path: "/jobs/{id}/prompt-file",
    tags: ["jobs"],
    summary: "A long take as a prompt file: reading it gives the same take again.",
    request: { params: IdParam },
    responses: {
      200: { description: "The file.", content: { "application/octet-stream": { schema: z.string() } } },
      ...refusals(409),
    },
  });
  api.openapi(write, async (c) => await writeBack(c, c.req.valid("param").id));
}

/** A folder may stand in front of it: two files of one name are told apart. */
function nameOf(name: string): string {
  return name.split(/[/\\]/).filter((part) => part !== "" && part !== "..").map(cleanName).join("/") ||
    "file";
}

async function readFile(c: Call, name: string): Promise<ShownPromptFile[]> {
  const isZip = endingOf(name) === "zip";
  const bytesMax = isZip ? ZIP_BYTES_MAX : PROMPT_FILE_BYTES_MAX;
  const announced = Number(c.req.header("content-length") ?? 0);
  const bytes = announced > bytesMax ? null : await readBytes(c.req.raw.body, bytesMax);
  if (bytes === null) {
    await c.req.raw.body?.cancel().catch(() => {});
    return [broken(name, words.file.large(announced, bytesMax))];
  }
  return isZip ? readZip(c, name, bytes) : [readOne(c, name, bytes)];
}

/** Null where there are more bytes than that. */
async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Uint8Array | null> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.byteLength;
    if (length > bytesMax) return null;
    pieces.push(piece.slice());
  }
  return await new Blob(pieces).bytes();
}

function readZip(c: Call, name: string, bytes: Uint8Array): ShownPromptFile[] {
  try {
    const inside = [...c.env.studio.unzip(bytes, PROMPT_FILE_BYTES_MAX)]
      .filter(([path]) => endingOf(path) === "txt" && !path.startsWith("__MACOSX/"));
    if (inside.length === 0) return [broken(name, words.file.none)];
    return inside.map(([path, content]) =>
      content === null
        ? broken(nameOf(path), words.file.large(PROMPT_FILE_BYTES_MAX + 1, PROMPT_FILE_BYTES_MAX))
        : readOne(c, nameOf(path), content)
    );
  } catch (thrown) {
    return [broken(name, thrown instanceof Error ? `${thrown.message}.` : words.file.encoding)];
  }
}

function readOne(c: Call, name: string, bytes: Uint8Array): ShownPromptFile {
  const { offer, settings } = c.env.studio;
  const rate = offer.modes.find(({ mode }) => mode === "take")?.rate ?? RATE;
  const parsed = parsePromptFile(bytes, { framesMax: Math.floor(settings.filmSecondsMax * rate) });
  if (!parsed.ok) return { name, take: null, faults: parsed.problem, text: textOf(bytes) };
  const { frames, negative } = parsed.value;
  const take = {
    name: parsed.value.name,
    frames,
    prompt: writeDirected(parsed.value),
    negativePrompt: negative,
  };
  return { name, take, faults: [], text: null };
}

function broken(name: string, text: string): ShownPromptFile {
  return { name, take: null, faults: [{ block: 0, line: 1, text }], text: null };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

async function writeBack(c: Call, id: string): Promise<Response> {
  const job = await ownJob(c, id);
  if (job.mode !== "take") throw fail("job.not_possible");
  const { title, prompt, negativePrompt, settings } = readDraft(job);
  const plan = await c.env.studio.jobs.plan(job.id, job.rev);
  const frames = plan?.film?.frames ?? settings.frames;
  if (frames === undefined) throw fail("job.not_possible");
  const text = writePromptFile({ name: title, frames, ...readDirected(prompt), negative: negativePrompt });
  return new Response(text, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": disposition(`${pathName(title)}.txt`),
    },
  });
}
