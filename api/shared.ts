/** What whoever has a link may see: one film, its facts and its picture. Nobody has to be signed in. */
import { createRoute, z } from "@hono/zod-openapi";
import type { SharedFilm } from "@/core/library.ts";
import { fail } from "@/core/problem.ts";
import type { ShownShared as Shown } from "@/core/shown_shares.ts";
import { FILE_ANSWERS } from "./assets.ts";
import type { Api, Call } from "./env.ts";
import { mimeOf } from "./names.ts";
import { refusals } from "./problems.ts";
import { serveFile } from "./range.ts";
import { iso, Time } from "./schemas.ts";

const TokenParam = z.strictObject({ token: z.string().max(100) });

const ShownShared = z.object({
  title: z.string(),
  draft: z.boolean(),
  type: z.string(),
  mime: z.string(),
  seconds: z.number().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  fileUrl: z.string(),
  posterUrl: z.string().nullable(),
  expiresAt: Time,
}).openapi("Shared");

export function addShared(api: Api): void {
  const get = createRoute({
    method: "get",
    path: "/shared/{token}",
    tags: ["shares"],
    summary: "What a link shows.",
    request: { params: TokenParam },
    responses: {
      200: { description: "The film.", content: { "application/json": { schema: ShownShared } } },
      ...refusals(410),
    },
  });
  api.openapi(get, async (c) => {
    const { token } = c.req.valid("param");
    return c.json(showShared(await openShared(c, token), token), 200);
  });

  const file = createRoute({
    method: "get",
    path: "/shared/{token}/file",
    tags: ["shares"],
    summary: "The film, with Range.",
    request: { params: TokenParam },
    responses: { ...FILE_ANSWERS },
  });
  api.openapi(file, async (c) => {
    const { output } = await openShared(c, c.req.valid("param").token);
    return await serveHidden(c, output.file);
  });

  const poster = createRoute({
    method: "get",
    path: "/shared/{token}/poster",
    tags: ["shares"],
    summary: "The picture that stands for the film.",
    request: { params: TokenParam },
    responses: { ...FILE_ANSWERS },
  });
  api.openapi(poster, async (c) => {
    const { output } = await openShared(c, c.req.valid("param").token);
    if (output.poster === null) throw fail("request.not_found");
    return await serveHidden(c, output.poster);
  });
}

/** Only a hash is looked up, so that the time it takes says nothing of tokens that exist. */
async function openShared(c: Call, token: string): Promise<SharedFilm> {
  c.header("x-robots-tag", "noindex");
  const { shares, clock, hashToken } = c.env.studio;
  const found = await shares.find(hashToken(token));
  if (found === null) throw fail("request.not_found");
  if (found.share.revokedAt !== null || found.withdrawn) throw fail("share.revoked");
  if (found.share.expiresAt <= clock.now()) throw fail("share.expired");
  return found;
}

/** Browsers may keep it for themselves, but ask every time: a link can be taken back. */
async function serveHidden(c: Call, name: string): Promise<Response> {
  const answer = await serveFile(c, { name, mime: mimeOf(name), saveAs: null });
  answer.headers.set("x-robots-tag", "noindex");
  answer.headers.set("referrer-policy", "no-referrer");
  return answer;
}

function showShared({ share, title, engine, output }: SharedFilm, token: string): Shown {
  const figure = (name: string) => {
    const value = output.metadata[name];
    return typeof value === "number" ? value : null;
  };
  const url = `/api/shared/${token}`;
  return {
    title,
    draft: engine === "draft",
    type: output.type,
    mime: mimeOf(output.file),
    seconds: figure("durationS"),
    width: figure("width"),
    height: figure("height"),
    fileUrl: `${url}/file`,
    posterUrl: output.poster === null ? null : `${url}/poster`,
    expiresAt: iso(share.expiresAt),
  };
}
