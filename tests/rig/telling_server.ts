/** A render server that tells what it has and renders nothing: for preflight. */
import type { Definitions } from "@/core/template.ts";

export interface TellingServer extends AsyncDisposable {
  url: string;
  /** What it has; a test may change it while it runs. */
  has: { definitions: Definitions; vramGb: number };
  /** Prompts that somebody sent all the same. */
  prompts: number;
  /** Classes that it was asked for, in order. */
  asked: string[];
  /** Values of `x-key` that requests brought, each once. */
  keys: Set<string>;
}

export function serveFacts(definitions: Definitions, vramGb = 24): TellingServer {
  const has = { definitions, vramGb };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const path = new URL(request.url).pathname;
    const key = request.headers.get("x-key");
    if (key !== null) telling.keys.add(key);
    if (path === "/system_stats") return Response.json(stats(has.vramGb * 1e9));
    if (path === "/queue") return Response.json({ queue_running: [], queue_pending: [] });
    if (path === "/prompt") telling.prompts++;
    const name = /^\/object_info\/(.+)$/.exec(decodeURIComponent(path))?.[1];
    if (name === undefined) return new Response("", { status: 404 });
    telling.asked.push(name);
    return Response.json(Object.hasOwn(has.definitions, name) ? { [name]: has.definitions[name] } : {});
  });
  const telling: TellingServer = {
    url: `http://127.0.0.1:${server.addr.port}`,
    has,
    prompts: 0,
    asked: [],
    keys: new Set(),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return telling;
}

function stats(vram: number) {
  const card = { name: "cuda:0 Test", type: "cuda", index: 0, vram_total: vram, vram_free: vram };
  return {
    system: { os: "linux", comfyui_version: "0.33.0", ram_total: 64e9, ram_free: 60e9 },
    devices: [card],
  };
}

/** These definitions with other files offered at one loader. */
export function offering(
  definitions: Definitions,
  { class: name, input, files }: { class: string; input: string; files: string[] },
): Definitions {
  const definition = definitions[name];
  if (!definition) throw new Error(`There is no class ${name}`);
  const required = { ...definition.input.required, [input]: [files] };
  return { ...definitions, [name]: { ...definition, input: { ...definition.input, required } } };
}
