/** The OpenAPI document: what the routes declare, and for each operation who may ask. */
import { needOf } from "@/core/tokens.ts";
import type { Api } from "./env.ts";

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
      if (operation) operation.security = securityOf(method.toUpperCase(), path);
    }
  }
  return document;
}

function securityOf(method: string, path: string): Record<string, string[]>[] {
  const need = needOf(method, path);
  if (need === "open") return [];
  return need === "session" ? [{ session: [] }] : [{ session: [] }, { token: [need] }];
}
