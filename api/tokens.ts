/** A person's API tokens: made here, shown once, taken back here. Only a person who is signed in may do either. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import type { NewApiToken, ShownApiToken } from "@/core/shown_tokens.ts";
import { type ApiToken, SCOPES, TOKEN_DAYS_MAX, TOKEN_MARK } from "@/core/tokens.ts";
import { json } from "./auth.ts";
import type { Api, Call } from "./env.ts";
import { failField, refusals } from "./problems.ts";
import { idOf, IdParam, iso, isoOrNull, plainText, Time } from "./schemas.ts";
import { byOf, requireUser } from "./session.ts";

const ScopeName = z.enum(SCOPES, "must be read, create or admin").openapi({
  description:
    "`read` sees what the person sees, `create` also makes and changes it, `admin` also does what operators do.",
});
const TokenItem = z.object({
  id: z.string(),
  name: z.string(),
  scope: ScopeName,
  hint: z.string().openapi({ description: "The last characters of the token." }),
  state: z.enum(["open", "expired"]),
  createdAt: Time,
  usedAt: Time.nullable(),
  expiresAt: Time,
});
const ShownOne = TokenItem.openapi("ApiToken");
const MadeOne = TokenItem.extend({
  token: z.string().openapi({ description: "For `Authorization: Bearer`. It is shown this once." }),
}).openapi("NewApiToken");
const Make = z.strictObject({
  name: plainText(100).trim().min(1, "must not be empty"),
  scope: ScopeName,
  days: z.int().min(1, "must be at least 1").max(TOKEN_DAYS_MAX, `must be at most ${TOKEN_DAYS_MAX}`)
    .default(90),
}).openapi("MakeApiToken");

const DAY_MS = 86_400_000;
const HINT_LENGTH = 4;

export function addTokens(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/account/tokens",
    tags: ["account"],
    summary: "The API tokens of this account, newest first.",
    responses: {
      200: {
        description: "The tokens.",
        content: { "application/json": { schema: z.object({ items: z.array(ShownOne) }) } },
      },
    },
  });
  api.openapi(list, async (c) => c.json({ items: await listTokens(c) }, 200));

  const make = createRoute({
    method: "post",
    path: "/account/tokens",
    tags: ["account"],
    summary: "Make an API token. It is stored as a hash and never shown again.",
    request: json(Make),
    responses: {
      201: { description: "The token.", content: { "application/json": { schema: MadeOne } } },
      ...refusals(409),
    },
  });
  api.openapi(make, async (c) => c.json(await makeToken(c, c.req.valid("json")), 201));

  const revoke = createRoute({
    method: "delete",
    path: "/account/tokens/{id}",
    tags: ["account"],
    summary: "Take an API token back; it is worth nothing from now on.",
    request: { params: IdParam },
    responses: { 204: { description: "Done." } },
  });
  api.openapi(revoke, async (c) => {
    const id = idOf(c.req.valid("param").id);
    if (!await c.env.studio.tokens.revoke(requireUser(c).id, id, byOf(c))) throw fail("request.not_found");
    return c.body(null, 204);
  });
}

export async function listTokens(c: Call): Promise<ShownApiToken[]> {
  const tokens = await c.env.studio.tokens.list(requireUser(c).id);
  return tokens.map((token) => showToken(c, token));
}

async function makeToken(c: Call, { name, scope, days }: z.infer<typeof Make>): Promise<NewApiToken> {
  const user = requireUser(c);
  const { studio } = c.env;
  if (scope === "admin" && user.role !== "operator") {
    throw failField("scope", "Only operators may make a token that operates the studio.");
  }
  const token = TOKEN_MARK + studio.ids.token(32);
  const now = studio.clock.now();
  const made: ApiToken = {
    id: studio.ids.uuid7(),
    name,
    scope,
    hint: token.slice(-HINT_LENGTH),
    createdAt: now,
    usedAt: null,
    expiresAt: now + days * DAY_MS,
  };
  const tokenHash = studio.hashToken(token);
  const isMade = await studio.tokens.create(user.id, { ...made, tokenHash }, byOf(c));
  if (!isMade) throw fail("auth.tokens_full");
  return { ...showToken(c, made), token };
}

function showToken(c: Call, { createdAt, usedAt, expiresAt, ...token }: ApiToken): ShownApiToken {
  return {
    ...token,
    state: expiresAt <= c.env.studio.clock.now() ? "expired" : "open",
    createdAt: iso(createdAt),
    usedAt: isoOrNull(usedAt),
    expiresAt: iso(expiresAt),
  };
}
