/** `deno task templates` as people run it: graphs in, refusals that keep nothing, versions, a split, and what proves. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { makeMaster } from "@/tests/fixtures/master.ts";
import { openDraft } from "@/tests/rig/rig.ts";

const GRAPHS = new URL("../fixtures/graphs/", import.meta.url).pathname;

async function inFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "animatrix-templates-" });
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function templates(dir: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "tasks/templates.ts", ...args],
    env: { DATA_DIR: `${dir}/data`, TEMPLATES_DIR: "", LOG_LEVEL: "error", DISK_MIN_GB: "0" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(code < 4, `${text}\n${new TextDecoder().decode(stderr)}`);
  return { code, text };
}

async function filesIn(dir: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (path: string): Promise<void> => {
    for await (const entry of Deno.readDir(path)) {
      if (entry.isDirectory) await walk(`${path}/${entry.name}`);
      else found.push(`${path}/${entry.name}`.slice(dir.length + 1));
    }
  };
  await walk(dir).catch(() => {});
  return found.sort();
}

Deno.test("a graph becomes a folder, its changes the next version, and the shelf stays valid", () =>
  inFolder(async (dir) => {
    const file = `${GRAPHS}c1_wan22_vace_two_pass.json`;
    const first = await templates(dir, "import", file, "--name", "custom/rain", "--title", "Rain");
    assertEquals(first.code, 0, first.text);
    for (
      const line of [
        /^bound +prompt +node "CLIPTextEncode" \(id "pos"\), text = a heroine/m,
        /^unbound +video/m,
      ]
    ) {
      assert(line.test(first.text), first.text);
    }
    const own = `${dir}/data/templates`;
    const files = ["graph.json", "manifest.json", "README.md"].map((name) => `custom/rain@1.0.0/${name}`)
      .sort();
    assertEquals(await filesIn(own), files);
    assertEquals(
      JSON.parse(await Deno.readTextFile(`${own}/custom/rain@1.0.0/graph.json`)),
      JSON.parse(await Deno.readTextFile(file)),
    );
    const same = await templates(dir, "import", file, "--name", "custom/rain");
    assertEquals([same.code, await filesIn(own)], [0, files]);
    const bind = ["--bind", "steps=ks_high.steps", "--bind", "steps=ks_low.steps"];
    assertEquals((await templates(dir, "import", file, "--name", "custom/rain", ...bind)).code, 0);
    assert((await filesIn(own)).includes("custom/rain@1.1.0/manifest.json"));
    const diff = await templates(dir, "diff", "custom/rain@1.0.0", "custom/rain@1.1.0");
    assert(diff.code === 0 && diff.text.includes("+ inputs.steps") && !diff.text.includes("- "), diff.text);
    const checked = await templates(dir, "check");
    assertEquals(checked.code, 0, checked.text);
    assert(checked.text.includes("custom/rain 1.0.0") && checked.text.includes("custom/rain 1.1.0"));
    await Deno.writeTextFile(`${own}/custom/rain@1.1.0/graph.json`, "{}");
    const broken = await templates(dir, "check");
    assert(broken.code === 1 && broken.text.includes("custom/rain"), broken.text);
  }));

Deno.test("what cannot be taken is refused with its place, and nothing is left behind", () =>
  inFolder(async (dir) => {
    const graph = JSON.parse(await Deno.readTextFile(`${GRAPHS}c1_wan22_vace_two_pass.json`));
    graph.more = { class_type: "LoadImage", inputs: { image: "x.png" } };
    graph.vace.inputs.control_video = ["more", 0];
    await Deno.writeTextFile(`${dir}/loose.json`, JSON.stringify(graph));
    await Deno.writeTextFile(`${dir}/editor.json`, '{"nodes":[],"links":[]}');
    const refused = await templates(dir, "import", `${dir}/loose.json`);
    assert(
      refused.code === 1 && refused.text.includes('WRONG: node "more" reads the file "x.png"'),
      refused.text,
    );
    const editor = await templates(dir, "import", `${dir}/editor.json`);
    assert(editor.code === 1 && editor.text.includes("Export (API)"), editor.text);
    assertEquals((await templates(dir, "import", `${dir}/nowhere.json`)).code, 2);
    assertEquals((await templates(dir, "sing")).code, 2);
    assertEquals(await filesIn(`${dir}/data`), []);
    const mended = await templates(
      dir,
      "import",
      `${dir}/loose.json`,
      "--bind",
      "poseSheet=more.image",
      "--dry-run",
    );
    assertEquals([mended.code, await filesIn(`${dir}/data`)], [0, []]);
  }));

Deno.test("[LX25] a master export becomes the next version of each mode that changed, with the changed nodes", () =>
  inFolder(async (dir) => {
    const master = await makeMaster();
    const guide = master["i2v:guide1"];
    assert(guide);
    guide.inputs.cfg = 1.25;
    await Deno.writeTextFile(`${dir}/master.json`, JSON.stringify(master));
    const split = await templates(dir, "split", `${dir}/master.json`);
    assertEquals(split.code, 0, split.text);
    assert(split.text.includes("~ First guide, cfg: 1 → 1.25"), split.text);
    assertEquals(split.text.split("nothing changed").length - 1, 5, split.text);
    const files = await filesIn(`${dir}/data/templates`);
    assertEquals(files.filter((name) => name.endsWith("manifest.json")), ["ltx/i2v@1.1.0/manifest.json"]);
    delete master["t2v:save"];
    await Deno.writeTextFile(`${dir}/master.json`, JSON.stringify(master));
    const cut = await templates(dir, "split", `${dir}/master.json`);
    assert(cut.code === 1 && cut.text.includes('Nothing saves "t2v"'), cut.text);
  }));

interface Answer {
  devices: object[];
  [name: string]: { input?: { required: Record<string, unknown> } } | object[] | undefined;
}

/** The draft renderer with one of its answers changed. */
function lookAlike(url: string, path: string, change: (answer: Answer) => unknown) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    if (request.headers.get("upgrade") !== null) return new Response("", { status: 404 });
    const { method, headers, body } = request;
    const answer = await fetch(`${url}${pathname}${search}`, { method, headers, body });
    return pathname.startsWith(path) ? Response.json(change(await answer.json())) : answer;
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

Deno.test("[LX31] with an address the shelf is checked by a server: as it is, and as one that lacks a class and wants another input", () =>
  inFolder(async (dir) => {
    const draft = await openDraft(`${dir}/draft`);
    const other = lookAlike(draft.url, "/object_info", (definitions) => {
      const { LTXVAudioVAEDecode: _, ...others } = definitions;
      const chunk = others.WanAnimateToVideo;
      if (!chunk || !("input" in chunk)) return others;
      const required = { ...chunk.input?.required, reference_strength: ["FLOAT", { default: 1 }] };
      return { ...others, WanAnimateToVideo: { ...chunk, input: { ...chunk.input, required } } };
    });
    try {
      const whole = await templates(dir, "check", "--comfy", draft.url);
      assertEquals(whole.code, 0, whole.text);
      assertEquals([...whole.text.matchAll(/^ok {4} /gm)].length, 21, whole.text);
      const lacking = await templates(dir, "check", "--comfy", other.url);
      assertEquals(lacking.code, 1, lacking.text);
      for (
        const line of [
          /^WRONG {2}ltx\/t2v 1\.0\.0, unverified\n +Node class LTXVAudioVAEDecode is missing\. It belongs to ComfyUI/m,
          /^WRONG {2}animate\/move 1\.0\.0, unverified\n.*reference_strength/m,
          /^ok {5}anime\/still 1\.0\.0/m,
        ]
      ) assert(line.test(lacking.text), lacking.text);
    } finally {
      await other.stop();
      await draft.close();
    }
  }));

Deno.test("[LX33] every chosen mode runs through the API and is recorded with version, date and card; a draft renderer proves nothing", () =>
  inFolder(async (dir) => {
    const draft = await openDraft(`${dir}/draft`);
    const card = lookAlike(draft.url, "/system_stats", ({ devices: [first], ...stats }) => ({
      ...stats,
      devices: [{ ...first, name: "cuda:0 Test 24 GB", type: "cuda" }],
    }));
    const marks = `${dir}/data/templates/verified.json`;
    try {
      const only = ["--only", "anime/still"];
      const joins = ["--only", "long_take/combine"];
      const nothing = await templates(dir, "prove", "--comfy", draft.url, ...only, ...joins);
      assertEquals(nothing.code, 3, nothing.text);
      assert(
        /ran +anime\/still 1\.0\.0: 512 × 512, 1 frames, without sound/.test(nothing.text),
        nothing.text,
      );
      assert(/ran +long_take\/combine 1\.0\.0: 640 × 640, 34 frames/.test(nothing.text), nothing.text);
      assert(nothing.text.includes("proves nothing"));
      assertEquals(await filesIn(`${dir}/data`), []);
      const proved = await templates(dir, "prove", "--comfy", card.url, ...only);
      assertEquals(proved.code, 0, proved.text);
      const written = JSON.parse(await Deno.readTextFile(marks));
      assertEquals(Object.keys(written), ["anime/still@1.0.0"]);
      const { comfyui, date, gpu } = written["anime/still@1.0.0"];
      assert(comfyui === "0.33.0" && gpu === "cuda:0 Test 24 GB" && /^\d{4}-\d\d-\d\d$/.test(date));
      const list = await templates(dir, "list");
      assert(
        /anime\/still@1\.0\.0 .* verified /.test(list.text) &&
          /ltx\/i2v@1\.0\.0 .* unverified /.test(list.text),
        list.text,
      );
      written["anime/still@1.0.0"].digest = "of another graph";
      await Deno.writeTextFile(marks, JSON.stringify(written));
      assert(/anime\/still@1\.0\.0 .* unverified /.test((await templates(dir, "list")).text));
    } finally {
      await card.stop();
      await draft.close();
    }
    assertEquals((await templates(dir, "prove", "--comfy", draft.url)).code, 2);
  }));
