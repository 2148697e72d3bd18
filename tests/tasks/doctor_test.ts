/** The doctor: what it finds on a fresh machine, beside a running studio, and on a render server that lacks things. */
import { z } from "zod";
import { type Config, readConfig } from "@/core/config.ts";
import { type Definitions, NodeDefinition } from "@/core/template.ts";
import { migrate } from "@/db/migrate.ts";
import { openDatabase } from "@/db/sqlite.ts";
import type { Finding } from "@/core/finding.ts";
import { examine } from "@/studio/doctor/mod.ts";
import { printFindings } from "@/tasks/doctor.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { ENV, openStandIn } from "@/tests/adapters/storage/stand_in.ts";
import { openHouseAt, personAt } from "@/tests/rig/rig.ts";
import { serveFacts } from "@/tests/rig/telling_server.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";

function configWith(env: Record<string, string>): Config {
  const config = readConfig({ MEDIA_ENGINE: "wasm", DISK_MIN_GB: "0", PORT: "1", ...env });
  if (!config.ok) throw new Error(config.problem[0]?.message);
  return config.value;
}

const bad = (findings: Finding[]) => findings.filter(({ state }) => state === "bad");

async function inFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "animatrix-doctor-" });
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const parseDefinitions = (text: string) => z.record(z.string(), NodeDefinition).parse(JSON.parse(text));

/** A render server that knows these node classes; the rest of ComfyUI is not asked for. */
function serveDefinitions(definitions: Definitions) {
  const gb = 2 ** 30;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const path = new URL(request.url).pathname;
    if (path === "/system_stats") {
      return Response.json({
        system: { os: "linux", comfyui_version: "0.33.0", ram_total: 64 * gb, ram_free: 60 * gb },
        devices: [{ name: "cuda:0 Test", type: "cuda", index: 0, vram_total: 12 * gb, vram_free: 11 * gb }],
      });
    }
    if (path === "/queue") return Response.json({ queue_running: [], queue_pending: [] });
    const name = /^\/object_info\/(.+)$/.exec(path)?.[1];
    if (name === undefined) return new Response("", { status: 404 });
    return Response.json(Object.hasOwn(definitions, name) ? { [name]: definitions[name] } : {});
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

Deno.test("on a fresh machine the doctor finds nothing wrong and leaves nothing behind", () =>
  inFolder(async (dir) => {
    const findings = await examine(configWith({ DATA_DIR: `${dir}/data` }));
    assertEquals(bad(findings), []);
    assertEquals(await Array.fromAsync(Deno.readDir(dir)), []);
    const parts = new Set(findings.map(({ part }) => part));
    for (const part of ["Deno", "media engine", "data folder", "disk", "KV", "database", "draft renderer"]) {
      assert(parts.has(part), part);
    }
  }));

Deno.test("the doctor reads the database while the studio has it open", () =>
  inFolder(async (dir) => {
    const db = openDatabase(`${dir}/studio.db`);
    const look = async () =>
      (await examine(configWith({ DATA_DIR: dir }))).find(({ part }) => part === "database");
    try {
      await migrate(db.writer);
      assert((await look())?.text.includes("up to date"));
      await db.writer.insertInto("migration").values({ name: "9999_later" }).execute();
      assertEquals((await look())?.state, "bad");
    } finally {
      await db.close();
    }
  }));

Deno.test("a bucket that answers is named, and one that refuses the key with what to look at", () =>
  inFolder(async (dir) => {
    await using store = openStandIn();
    const look = async (secret: string) => {
      const found = await examine(configWith({
        DATA_DIR: dir,
        STORAGE_URL: "s3://films/studio",
        STORAGE_ENDPOINT: store.url,
        STORAGE_REGION: ENV.UPLOAD_REGION,
        STORAGE_KEY_ID: ENV.UPLOAD_KEY_ID,
        STORAGE_SECRET: secret,
      }));
      return found.find(({ part }) => part === "files");
    };
    const good = await look(ENV.UPLOAD_SECRET);
    assertEquals([good?.state, good?.text.includes("s3://films/studio")], ["ok", true]);
    const refused = await look("wrong");
    assertEquals(refused?.state, "bad");
    assert(refused?.text.includes("403") && refused.remedy?.includes("STORAGE_KEY_ID"), refused?.text);
    assert(!JSON.stringify(refused).includes("wrong"));
    assertEquals((await look(""))?.state, "bad");
    assertEquals(store.asked.filter((line) => /^(PUT|DELETE|POST)/.test(line)), []);
  }));

Deno.test("the doctor names missing node classes and model files of a server with what to do", () =>
  inFolder(async (dir) => {
    const text = await Deno.readTextFile("draft/nodes/definitions/object_info.json");
    const { WanAnimateToVideo: _, ...rest } = parseDefinitions(text.replaceAll("rt_detr_v4", "other"));
    const server = serveDefinitions(rest);
    try {
      const found = await examine(configWith({ DATA_DIR: dir, COMFY_URLS: server.url }));
      const lacks = bad(found).filter(({ part }) => part.startsWith("animate/move on "));
      assert(
        lacks.some(({ text, remedy }) => text.includes("WanAnimateToVideo") && remedy?.includes("ComfyUI")),
      );
      const model = lacks.find(({ text }) => text.includes("rt_detr_v4-x-hgnet_fp16.safetensors"));
      assert(model?.remedy?.includes("models/diffusion_models ") && model.remedy.includes("https://"));
      assert(found.some(({ text }) => text.includes("ComfyUI 0.33.0") && text.includes("12.9 GB")));
      assert(
        found.some(({ text, remedy }) =>
          text === "Wants 24 GB of VRAM and finds 12.9 GB." && remedy !== undefined
        ),
      );
    } finally {
      await server.stop();
    }
  }));

Deno.test("a render server that does not answer is named with what to do", () =>
  inFolder(async (dir) => {
    const server = serveDefinitions({});
    await server.stop();
    const found = bad(await examine(configWith({ DATA_DIR: dir, COMFY_URLS: server.url })));
    assertEquals(found.map(({ part }) => part), [`render server ${server.url}`]);
    assert(found[0]?.remedy?.includes("COMFY_URLS"));
  }));

Deno.test("each template's README lists the files to be supplied, and the doctor prints the same list [AX48]", () =>
  inFolder(async (dir) => {
    const printed = printFindings(await examine(configWith({ DATA_DIR: dir })));
    const told = [...printed.matchAll(/models\/(\S+) \(.*\) for (.*)/g)].map((
      [, file = "", templates = ""],
    ) => ({
      file,
      templates: templates.split(", "),
    }));
    for (const { manifest: { id } } of (await readShelf()).templates) {
      const readme = await Deno.readTextFile(`workflows/${id}/README.md`);
      const listed = [...readme.matchAll(/^\| `models\/([^`]+)\/` \| `([^`]+)` \| https:/gm)]
        .map(([, folder, file]) => `${folder}/${file}`);
      assert(listed.length > 0, id);
      const own = told.filter(({ templates }) => templates.includes(id)).map(({ file }) => file);
      assertEquals(listed.toSorted(), own.toSorted());
      assert(readme.includes("`graph.json`"), `${id} does not speak of its graph`);
    }
  }));

Deno.test("the doctor ends with code 1 when settings are wrong, and names them", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "tasks/doctor.ts"],
    env: { PORT: "banana" },
    stdout: "piped",
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 1);
  assert(text.includes("PORT") && text.includes("One thing needs attention"));
});

Deno.test("the doctor knows what operators stored: it tries added servers with their own headers, beside a studio that runs, and a dead one is an end with 1", () =>
  inFolder(async (dir) => {
    const { definitions } = await readShelf();
    await using alive = serveFacts(definitions);
    const house = await openHouseAt(dir, {});
    try {
      const person = await personAt(house).register();
      const ask = async (method: string, path: string, body: unknown) => {
        const answer = await person.send(method, path, body);
        await answer.body?.cancel();
        assert(answer.ok, `${path}: ${answer.status}`);
      };
      const header = "X-Key: of-this-server-alone";
      await ask("POST", "/admin/backends", { url: alive.url, header, untested: true });
      const look = () => examine(configWith({ DATA_DIR: dir, COMFY_AUTH_HEADER: "X-Key: the-usual-one" }));
      alive.keys.clear();
      const well = await look();
      const server = (found: Finding[], url: string) =>
        found.find(({ part }) => part === `render server ${url}`);
      assertEquals([server(well, alive.url)?.state, [...alive.keys]], ["ok", ["of-this-server-alone"]]);
      assert(!well.some(({ text }) => text.includes("films are drafts")));

      await ask("POST", "/admin/backends", { url: "http://127.0.0.1:9", untested: true });
      await ask("PUT", "/admin/settings/DISK_MIN_GB", { value: "99999", rev: 0 });
      await ask("POST", "/admin/maintenance", { note: "New cards." });
      const ill = await look();
      assertEquals(server(ill, "http://127.0.0.1:9")?.state, "bad");
      assertEquals(ill.find(({ part }) => part === "disk")?.state, "bad", "the stored least is what counts");
      assert(ill.find(({ part }) => part === "maintenance")?.text.includes("New cards."));
      const { code, stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "doctor"],
        env: { DATA_DIR: dir, NO_COLOR: "1", PORT: "1" },
      }).output();
      assertEquals(code, 1);
      assert(new TextDecoder().decode(stdout).includes("BAD   render server http://127.0.0.1:9"));
    } finally {
      await house.close();
    }
  }));
