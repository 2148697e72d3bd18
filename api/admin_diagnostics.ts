/** A report for a fault as one ZIP: how the studio is and what it said lately, without secrets and without anything of people. */
import { createRoute, z } from "@hono/zod-openapi";
import { impersonal, withoutPeople } from "@/core/logs.ts";
import type { Api, Call } from "./env.ts";
import { readHealth } from "./health.ts";
import { disposition } from "./range.ts";
import { requireOperator } from "./session.ts";
import { streamZip } from "./zip.ts";

const LINES_MAX = 5000;
const encoder = new TextEncoder();

export function addDiagnostics(api: Api): void {
  const report = createRoute({
    method: "get",
    path: "/admin/diagnostics",
    tags: ["admin"],
    summary:
      "Versions, settings without secrets, health, what the doctor finds, servers, figures and the newest log, as one ZIP.",
    responses: {
      200: {
        description: "The ZIP. No secret, no mail address and nothing that people wrote is in it.",
        content: { "application/zip": { schema: z.string().openapi({ format: "binary" }) } },
      },
    },
  });
  api.openapi(report, async (c) => {
    requireOperator(c);
    const now = new Date(c.env.studio.clock.now());
    const parts = Object.entries(await readParts(c));
    const files = parts.map(([name, text]) => ({ name, input: encoder.encode(text), lastModified: now }));
    const headers = {
      "content-type": "application/zip",
      "content-disposition": disposition(`Animatrix report ${now.toISOString().slice(0, 10)}.zip`),
      "cache-control": "no-store",
    };
    return new Response(streamZip(files), { headers });
  });
}

async function readParts(c: Call): Promise<Record<string, string>> {
  const { studio } = c.env;
  const { lines } = await studio.logs.find({ id: null, least: "info", limit: LINES_MAX });
  const servers = (await studio.admin.backends()).map(({ name: _, url, ...server }) => ({
    ...server,
    url: withoutKeys(url),
    header: server.header === null ? null : "set",
  }));
  const settings = (await studio.configured.list()).map(({ name, value, secret, source }) => ({
    name,
    value: secret === null && value !== null ? withoutPeople(value) : null,
    configured: secret?.configured,
    source,
  }));
  const letters = (await studio.admin.deadLetters(200)).map(({ kind, error, attempts, at }) => ({
    kind,
    error: withoutPeople(error),
    attempts,
    at,
  }));
  const findings = (await studio.examine()).map(({ part, text, ...found }) => ({
    part: withoutKeys(part),
    text: withoutKeys(text),
    ...found,
  }));
  return {
    "about.json": json({
      at: new Date(studio.clock.now()).toISOString(),
      ...studio.about,
      maintenance: await studio.upkeep.read() !== null,
    }),
    "health.json": withoutPeople(json(await readHealth(c))),
    "settings.json": json(settings),
    "servers.json": json(servers),
    "doctor.json": json(findings),
    "effects.json": json(await studio.admin.effects()),
    "dead-letters.json": json(letters),
    "metrics.txt": withoutPeople(await studio.metrics.read()),
    "log.jsonl": lines.toReversed().map((line) => `${JSON.stringify(impersonal(line))}\n`).join(""),
  };
}

/** Without names and passwords in addresses, and without mail addresses. */
function withoutKeys(text: string): string {
  return withoutPeople(text.replace(/(\w:\/\/)[^\s/@]*@/g, "$1[secret]@"));
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
