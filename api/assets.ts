/** A person's files: make an entry, put the content, look at it, list, delete. */
import { createRoute, z } from "@hono/zod-openapi";
import { MARKS } from "@/core/library.ts";
import { fail } from "@/core/problem.ts";
import type { ShownAsset as Shown } from "@/core/shown.ts";
import { uses } from "@/core/words/uses.ts";
import { checkLimits } from "./admission.ts";
import type { Api, Call } from "./env.ts";
import { OnceHeader, runOnce } from "./idempotency.ts";
import { announcedBytes, takeIn } from "./intake.ts";
import { cleanName, mimeOf } from "./names.ts";
import { refusals } from "./problems.ts";
import { serveFile } from "./range.ts";
import { checkProject } from "./admission.ts";
import { idOf, IdParam, iso, isoOrNull, pageOf, Paging, ProjectRef, readCursor, Time } from "./schemas.ts";
import { requireUser } from "./session.ts";
import type { AssetUse } from "@/core/assets.ts";
import type { Asset } from "./studio.ts";

export const AssetKinds = z.enum(["image", "video", "audio"]);
const NewAsset = z.strictObject({
  name: z.string().min(1, "must not be empty").max(1000),
  kind: AssetKinds.optional().openapi({
    description: "What it will be; content of another kind is refused.",
  }),
  projectId: ProjectRef.optional(),
}).openapi("NewAsset");

export const ShownAsset = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(["waiting", "ready"]),
  type: AssetKinds.nullable(),
  mime: z.string().nullable(),
  sizeBytes: z.int().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  durationSeconds: z.number().nullable(),
  framesPerSecond: z.number().nullable(),
  hasSound: z.boolean(),
  contentUrl: z.string().nullable(),
  thumbnailUrl: z.string().nullable(),
  projectId: z.string().nullable(),
  mark: z.enum(MARKS).nullable(),
  createdAt: Time,
  trashedAt: Time.nullable(),
}).openapi("Asset");

const shown = { description: "The asset.", content: { "application/json": { schema: ShownAsset } } };
const file = { description: "The bytes.", content: { "application/octet-stream": { schema: z.string() } } };
export const FILE_ANSWERS = {
  200: file,
  206: { ...file, description: "The part that was asked for." },
  304: { description: "Unchanged." },
  416: { description: "That part does not exist." },
  ...refusals(410),
} as const;

export function addAssets(api: Api): void {
  const create = createRoute({
    method: "post",
    path: "/assets",
    tags: ["assets"],
    summary: "Make an entry; its content is put afterwards.",
    request: {
      headers: OnceHeader,
      body: { required: true, content: { "application/json": { schema: NewAsset } } },
    },
    responses: { 201: shown },
  });
  api.openapi(create, async (c) => {
    const asset = await makeAsset(c, c.req.valid("json"));
    c.header("location", `/api/assets/${asset.id}`);
    return c.json(showAsset(asset), 201);
  });

  addAssetList(api);

  const get = createRoute({
    method: "get",
    path: "/assets/{id}",
    tags: ["assets"],
    summary: "What is known of a file.",
    request: { params: IdParam },
    responses: { 200: shown },
  });
  api.openapi(get, async (c) => c.json(showAsset(await lookAt(c, c.req.valid("param").id)), 200));

  addContent(api);

  const remove = createRoute({
    method: "delete",
    path: "/assets/{id}",
    tags: ["assets"],
    summary: "Put the file into the trash; refused while a live job uses it.",
    request: { params: IdParam },
    responses: { 204: { description: "It is in the trash." }, ...refusals(409) },
  });
  api.openapi(remove, async (c) => {
    const user = requireUser(c);
    const result = await c.env.studio.assets.remove(user.id, idOf(c.req.valid("param").id));
    if (result === null) throw fail("request.not_found");
    if (!result.removed) throw inUse(result.usedBy);
    return c.body(null, 204);
  });
}

/** What to do differs with the job; where one of several runs, waiting for it helps most. */
function inUse(usedBy: AssetUse[]) {
  const detail = { jobs: usedBy.length };
  const [held] = usedBy;
  const isHeld = ({ isPaused, isStarted }: AssetUse) => isPaused || !isStarted;
  if (held === undefined || !usedBy.every(isHeld)) return fail("asset.in_use", { detail });
  return fail("asset.in_use", { detail, message: (held.isPaused ? uses.paused : uses.waits)(held.title) });
}

function addAssetList(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/assets",
    tags: ["assets"],
    summary: "Own files, newest first.",
    request: {
      query: z.strictObject({ ...Paging, kind: AssetKinds.optional(), project: z.uuid().optional() }),
    },
    responses: {
      200: {
        description: "A page.",
        content: {
          "application/json": {
            schema: z.object({ items: z.array(ShownAsset), next: z.string().nullable() }),
          },
        },
      },
    },
  });
  api.openapi(list, async (c) => {
    const user = requireUser(c);
    const { cursor, limit, kind, project } = c.req.valid("query");
    const rows = await c.env.studio.assets.list(user.id, {
      kind: kind ?? null,
      projectId: project ?? null,
      before: readCursor(cursor),
      limit: limit + 1,
    });
    return c.json(pageOf(rows, limit, showAsset), 200);
  });
}

function addContent(api: Api): void {
  const put = createRoute({
    method: "put",
    path: "/assets/{id}/content",
    tags: ["assets"],
    summary: "Put the raw bytes; they are streamed, measured and recognised by their signature.",
    request: {
      params: IdParam,
      body: {
        required: true,
        content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
      },
    },
    responses: { 200: shown, ...refusals(400, 403, 409, 413, 415, 422, 503, 507) },
  });
  api.openapi(put, async (c) => c.json(showAsset(await putContent(c, c.req.valid("param").id)), 200));

  const content = createRoute({
    method: "get",
    path: "/assets/{id}/file",
    tags: ["assets"],
    summary: "The bytes, with Range.",
    request: { params: IdParam },
    responses: { ...FILE_ANSWERS, ...refusals(409) },
  });
  api.openapi(content, async (c) => {
    const asset = await lookAt(c, c.req.valid("param").id);
    if (asset.content === null) throw fail("asset.no_content");
    return await serveFile(c, { name: asset.content.file.name, mime: asset.content.mime, saveAs: null });
  });

  const thumbnail = createRoute({
    method: "get",
    path: "/assets/{id}/thumbnail",
    tags: ["assets"],
    summary: "A small picture of it.",
    request: { params: IdParam },
    responses: { ...FILE_ANSWERS },
  });
  api.openapi(thumbnail, async (c) => {
    const name = (await lookAt(c, c.req.valid("param").id)).content?.thumbnail ?? null;
    if (name === null) throw fail("request.not_found");
    return await serveFile(c, { name, mime: mimeOf(name), saveAs: null });
  });
}

async function makeAsset(c: Call, asked: z.infer<typeof NewAsset>): Promise<Asset> {
  const user = requireUser(c);
  const { studio } = c.env;
  return await runOnce(c, { userId: user.id, body: asked, count: 1 }, async ([id = ""], first) => {
    const known = first ? null : await studio.assets.find(user.id, id);
    if (known) return known;
    await checkProject(studio, user.id, asked.projectId);
    const asset: Asset = {
      id,
      userId: user.id,
      name: cleanName(asked.name),
      wanted: asked.kind ?? null,
      content: null,
      projectId: asked.projectId ?? null,
      mark: null,
      createdAt: studio.clock.now(),
      trashedAt: null,
    };
    await studio.assets.create(asset);
    return asset;
  });
}

/** Takes the content once. The same bytes again are welcome, so that a lost answer can be asked for again. */
async function putContent(c: Call, id: string): Promise<Asset> {
  const { studio } = c.env;
  const asset = await ownAsset(c, id);
  const type = c.req.header("content-type") ?? "";
  if (type.startsWith("multipart/")) {
    throw fail("request.content_type", { message: "Send the raw bytes of the file." });
  }
  const announced = announcedBytes(c.req.header("content-length"), studio.settings);
  const stream = c.req.raw.body;
  if (stream === null) {
    throw fail("asset.empty", { fields: [{ path: "content", message: "The file is empty." }] });
  }
  const free = await studio.files.freeBytes();
  if (free !== null && free - (announced ?? 0) < studio.settings.diskBytesMin) throw fail("storage.full");
  await checkLimits(studio, asset.userId, { bytes: announced ?? 0, films: [] });
  const content = await takeIn(studio, asset, { stream, announced });
  if (await studio.assets.setContent(asset.id, content)) return { ...asset, content };
  const now = await studio.assets.find(asset.userId, asset.id);
  if (now?.content?.file.name === content.file.name) return now;
  // The file stays until the broom finds it in nobody's use: the same bytes may be somebody else's.
  throw fail(now === null ? "request.not_found" : "request.conflict", {
    fields: [{ path: "content", message: "This asset has content already. Make a new one." }],
  });
}

async function ownAsset(c: Call, id: string): Promise<Asset> {
  const asset = await c.env.studio.assets.find(requireUser(c).id, idOf(id));
  if (asset === null) throw fail("request.not_found");
  return asset;
}

/** Also from the trash. */
async function lookAt(c: Call, id: string): Promise<Asset> {
  const asset = await c.env.studio.assets.look(requireUser(c).id, idOf(id));
  if (asset === null) throw fail("request.not_found");
  return asset;
}

export function showAsset(asset: Asset): Shown {
  const { content } = asset;
  const video = content?.probe.video ?? null;
  const rate = content?.kind === "video" ? video?.rate ?? null : null;
  const href = `/api/assets/${asset.id}`;
  return {
    id: asset.id,
    name: asset.name,
    state: content === null ? "waiting" : "ready",
    type: content?.kind ?? null,
    mime: content?.mime ?? null,
    sizeBytes: content?.file.bytes ?? null,
    width: video?.width ?? null,
    height: video?.height ?? null,
    durationSeconds: content?.kind === "image" ? null : content?.probe.durationS ?? null,
    framesPerSecond: rate === null ? null : rate.num / rate.den,
    hasSound: (content?.probe.audio ?? null) !== null,
    contentUrl: content === null ? null : `${href}/file`,
    thumbnailUrl: content?.thumbnail ? `${href}/thumbnail` : null,
    projectId: asset.projectId,
    mark: asset.mark,
    createdAt: iso(asset.createdAt),
    trashedAt: isoOrNull(asset.trashedAt),
  };
}
