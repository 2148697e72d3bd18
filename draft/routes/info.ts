/** What the server is and has: definitions, models, statistics, features. */
import { Hono } from "hono";
import type { Desk } from "../desk.ts";
import { isFolderType } from "../folders.ts";
import { answerEmpty, answerJson, answerText } from "./answers.ts";

export function infoRoutes(desk: Desk): Hono {
  const routes = new Hono();
  routes.get(
    "/",
    () =>
      answerText("<!doctype html><title>Draft renderer</title><p>This is a draft renderer.</p>", {
        status: 200,
        type: "text/html; charset=utf-8",
      }),
  );
  routes.get("/object_info", async () => {
    await pause(desk, desk.faults.settings.objectInfoMs);
    return answerJson(await desk.book.all());
  });
  routes.get("/object_info/:class", async (c) => {
    await pause(desk, desk.faults.settings.objectInfoMs);
    const name = c.req.param("class");
    const definition = await desk.book.find(name);
    return answerJson(definition === undefined ? {} : { [name]: definition });
  });
  routes.get("/models", () => answerJson(desk.book.modelFolders()));
  routes.get("/models/:folder", (c) => {
    const models = desk.book.modelsIn(c.req.param("folder"));
    return models === null ? answerEmpty(404) : answerJson(models);
  });
  routes.get("/embeddings", () => answerJson(desk.book.modelsIn("embeddings") ?? []));
  routes.get("/extensions", () => answerJson([]));
  routes.get("/system_stats", () => answerJson(describeSystem(desk)));
  routes.get("/features", () => answerJson(desk.features()));
  routes.get("/internal/files/:type", async (c) => {
    const type = c.req.param("type");
    if (!isFolderType(type)) return answerEmpty(400);
    return answerJson((await listNewest(desk.folders[type])).map((name) => `${name} [${type}]`));
  });
  if (desk.traits.assets) routes.all("/api/assets/*", () => answerJson(ASSETS_OFF, 503));
  if (desk.traits.assets) routes.all("/api/assets", () => answerJson(ASSETS_OFF, 503));
  return routes;
}

const ASSETS_OFF = {
  error: {
    code: "SERVICE_DISABLED",
    message: "Assets system is disabled. Start the server with --enable-assets to use this feature.",
    details: {},
  },
};

async function pause(desk: Desk, ms: number): Promise<void> {
  if (ms > 0) await desk.clock.sleep(ms, desk.closing);
}

function describeSystem(desk: Desk): unknown {
  const memory = Deno.systemMemoryInfo();
  return {
    system: {
      os: Deno.build.os,
      ram_total: memory.total,
      ram_free: memory.available,
      comfyui_version: desk.version,
      required_frontend_version: null,
      installed_templates_version: null,
      required_templates_version: null,
      comfy_package_versions: [],
      python_version: "none (draft renderer)",
      pytorch_version: "none (draft renderer)",
      embedded_python: false,
      deploy_environment: "draft",
      argv: ["main.py"],
    },
    devices: [{
      name: "draft renderer",
      type: "cpu",
      index: null,
      vram_total: memory.total,
      vram_free: memory.available,
      torch_vram_total: memory.total,
      torch_vram_free: memory.available,
    }],
  };
}

async function listNewest(folder: string): Promise<string[]> {
  const files: { name: string; at: number }[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (!entry.isFile) continue;
    const stat = await Deno.stat(`${folder}/${entry.name}`);
    files.push({ name: entry.name, at: stat.mtime?.getTime() ?? 0 });
  }
  return files.sort((a, b) => b.at - a.at).map((file) => file.name);
}
