/** The OpenAPI document: what the routes declare, and for each operation who may ask. */
import { needOf } from "@/core/tokens.ts";
import type { Api } from "./env.ts";
import { type Refusal, REFUSALS } from "./problems.ts";

const METHODS = ["get", "post", "put", "delete"] as const;

const INFO = {
  openapi: "3.1.0",
  info: {
    title: "Animatrix",
    version: "0.1.0",
    description:
      "Errors are application/problem+json. Lists page by an opaque cursor. 64-bit seeds are text. " +
      "Programs send an API token as Authorization: Bearer; the scope that an operation wants stands in its security.",
  },
};

const SCHEMES = {
  session: { type: "apiKey", in: "cookie", name: "animatrix_session" },
  token: {
    type: "http",
    scheme: "bearer",
    description: "An API token. Each scope includes those before it: read, create, admin.",
  },
} as const;

export function addDocument(api: Api): void {
  for (const [name, scheme] of Object.entries(SCHEMES)) {
    api.openAPIRegistry.registerComponent("securitySchemes", name, scheme);
  }
  let text: string | null = null;
  api.get("/openapi.json", (c) => {
    text ??= JSON.stringify(describe(api));
    return c.body(text, 200, { "content-type": "application/json" });
  });
}

function describe(api: Api) {
  const document = api.getOpenAPI31Document(INFO);
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      operation.security = securityOf(method.toUpperCase(), path);
      const guards = guardsOf(method, path, operation).map((status) => [status, refused(status)]);
      operation.responses = { ...Object.fromEntries(guards), ...operation.responses };
    }
  }
  return document;
}

function securityOf(method: string, path: string): Record<string, string[]>[] {
  const need = needOf(method, path);
  if (need === "open") return [];
  return need === "session" ? [{ session: [] }] : [{ session: [] }, { token: [need] }];
}

/** What may be wrong with a place, a query or a header; text of any length and form names something or nothing. */
const BOUNDS = ["maxLength", "minimum", "enum", "pattern"];

interface Declared {
  parameters?: unknown[];
  requestBody?: unknown;
}

function refused(status: Refusal) {
  const schema = { $ref: "#/components/schemas/Problem" };
  return { description: REFUSALS[status], content: { "application/problem+json": { schema } } };
}

/** The refusals of what stands before every route: sessions and tokens, limits, bodies, schemas, and unknown ids. */
function guardsOf(method: string, path: string, { parameters = [], requestBody }: Declared): Refusal[] {
  const need = needOf(method.toUpperCase(), path);
  const takesBody = (method === "post" || method === "put") && !path.endsWith("/content");
  const isBound = (one: unknown) => {
    const { in: place, schema } = one as { in: string; schema: Record<string, unknown> };
    return place !== "path" || BOUNDS.some((bound) => bound in schema);
  };
  return [
    401,
    411,
    429,
    ...on(method !== "get" || need === "admin" || need === "session", 403),
    ...on(takesBody, 400, 413, 415),
    ...on(requestBody !== undefined || parameters.some(isBound), 422),
    ...on(path.includes("{"), 404),
  ];
}

function on(isSo: boolean, ...statuses: Refusal[]): Refusal[] {
  return isSo ? statuses : [];
}
