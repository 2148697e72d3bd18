/** The contract of a ComfyUI client, rules 13 to 25 of comfyui.md §8.2: one case or more per rule. */
import type { Problem } from "@/core/problem.ts";
import type { Graph } from "@/core/template.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import {
  type Bench,
  type Case,
  control,
  fileOf,
  follow,
  hearEnd,
  outputsOf,
  problemFrom,
  settle,
} from "./comfy_bench.ts";

const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** One pixel, so that a loader has something to read. */
const PICTURE = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
);

/** Creators never read node ids, classes or tracebacks [AX36]. */
function assertPlain(found: Problem): void {
  const shown = JSON.stringify([found.message, found.detail ?? {}, found.fields ?? []]);
  assert(!/KSampler|CheckpointLoader|EmptyImage|Traceback|File \\"|node "?\d|torch/i.test(shown), shown);
}

async function problemOfRun(bench: Bench, graph: (id: string) => Graph): Promise<Problem> {
  const id = bench.nextId();
  await settle(bench, bench.comfy.submit(id, graph(id)));
  const { state } = await follow(bench, id);
  assert(state.state === "failed", `expected a failure, it is ${state.state}`);
  return state.problem;
}

export const MORE_CASES: Case[] = [
  {
    rule: 13,
    name: "an upload lies in our folder under its content hash, and a second one sends nothing",
    needs: [],
    async run(bench) {
      const file = fileOf(`${HASH}.png`, "test");
      const value = await settle(bench, bench.comfy.upload(file));
      assertEquals(value, `animatrix/${HASH}.png`);
      const place = { filename: file.name, subfolder: "animatrix", type: "input" as const };
      assertEquals(await settle(bench, bench.comfy.exists(place)), true);
      assertEquals(await settle(bench, bench.comfy.upload(file)), value);
    },
  },
  {
    rule: 13,
    name:
      "clips and sound go through the one upload route, and the name that the server gave is what the loader takes [AX24]",
    needs: ["seen"],
    async run(bench) {
      // A name of its own: a server that runs for long keeps what it was sent.
      const name = bench.nextId().replaceAll("-", "");
      const first = await settle(bench, bench.comfy.upload(fileOf(`${name}.mp4`, "some bytes")));
      const second = await settle(bench, bench.comfy.upload(fileOf(`${name}.mp4`, PICTURE)));
      assertEquals([first, second], [`animatrix/${name}.mp4`, `animatrix/${name} (1).mp4`]);
      const sound = await settle(bench, bench.comfy.upload(fileOf(`${name}.mp3`, "some sound")));
      assertEquals(sound, `animatrix/${name}.mp3`);
      const uploads = (await control(bench, "seen")()).filter(({ path }) => path.startsWith("upload/"));
      assertEquals([...new Set(uploads.map(({ path }) => path))], ["upload/image"]);
      const id = bench.nextId();
      const graph = bench.quick(id);
      graph["1"] = { class_type: "LoadImage", inputs: { image: second } };
      await settle(bench, bench.comfy.submit(id, graph));
      assertEquals((await follow(bench, id)).state.state, "finished");
    },
  },
  {
    rule: 13,
    name: "a source that ends early is told apart from a network that fails",
    needs: ["seen"],
    async run(bench) {
      const file = { ...fileOf(`${HASH}.png`, "short"), bytes: 5000 };
      assertEquals((await problemFrom(bench, () => bench.comfy.upload(file))).code, "asset.truncated");
    },
  },
  {
    rule: 14,
    name: "a file over the server's limit is refused before it is opened",
    needs: ["uploadMax"],
    async run(bench) {
      await control(bench, "uploadMax")(10_000);
      const file = fileOf(`${HASH}.mp4`, "x".repeat(9000));
      const refused = await problemFrom(bench, () => bench.comfy.upload(file));
      assertEquals([refused.code, refused.retry, file.opened()], ["comfy.too_large", "never", 0]);
      assertEquals(refused.detail, { limitBytes: 10_000 });
    },
  },
  {
    rule: 14,
    name: "413 in plain text is too large, with the limit",
    needs: ["answer"],
    async run(bench) {
      const text = "Maximum request body size 5242880 exceeded.";
      await control(bench, "answer")("prompt", { status: 413, type: "text/plain", text });
      const id = bench.nextId();
      const refused = await problemFrom(bench, () => bench.comfy.submit(id, bench.quick(id)));
      assertEquals([refused.code, refused.detail?.limitBytes], ["comfy.too_large", 5_242_880]);
    },
  },
  ...stopCases(),
  ...errorCases(),
  {
    rule: 17,
    name: "200 with node errors is a refusal, and the accepted rest is cancelled",
    needs: ["nextNodeErrors200"],
    async run(bench) {
      await control(bench, "nextNodeErrors200")();
      const id = bench.nextId();
      const refused = await problemFrom(bench, () => bench.comfy.submit(id, bench.slow(id, 200)));
      assertEquals([refused.code, refused.retry], ["comfy.rejected", "never"]);
      assertPlain(refused);
      assertMatch(refused.operator ?? "", /Node \w+ .*\(\w+\): \S/);
      await follow(bench, id);
      assertEquals(await settle(bench, bench.comfy.queue()), { running: [], pending: [] });
    },
  },
  {
    rule: 18,
    name: "definitions leave out unknown classes, are asked once, and again after a 400",
    needs: ["addModel", "seen"],
    async run(bench) {
      const names = ["SaveImage", "CheckpointLoaderSimple", "NoSuchNode"];
      const models = async () => {
        const found = await settle(bench, bench.comfy.definitions(names));
        assertEquals(Object.keys(found), ["SaveImage", "CheckpointLoaderSimple"]);
        return JSON.stringify(found.CheckpointLoaderSimple?.input.required?.ckpt_name);
      };
      const before = await models();
      await control(bench, "addModel")("new.safetensors");
      assertEquals(await models(), before);
      const fine = bench.nextId();
      await settle(bench, bench.comfy.submit(fine, bench.quick(fine)));
      assertEquals(await models(), before);
      const asked = (await control(bench, "seen")()).filter(({ path }) => path.startsWith("object_info"));
      assertEquals(asked.length, 3);
      const id = bench.nextId();
      const size = { width: 64, height: 64, batch_size: 1 };
      const graph: Graph = {
        "4": { class_type: "EmptyLatentImage", inputs: size },
        "5": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "gone.safetensors" } },
        "6": { class_type: "VAEDecode", inputs: { samples: ["4", 0], vae: ["5", 2] } },
        // What nothing saves would not be judged.
        "9": { class_type: "SaveImage", inputs: { images: ["6", 0], filename_prefix: `animatrix/${id}` } },
      };
      const refused = await problemFrom(bench, () => bench.comfy.submit(id, graph));
      assertEquals(refused.code, "comfy.missing_model");
      assert((await models()).includes("new.safetensors"));
    },
  },
  {
    rule: 19,
    name: "history is read one entry at a time, never whole",
    needs: ["seen", "version"],
    setup: { version: "0.3.45" },
    async run(bench) {
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.slow(id, 3)));
      await follow(bench, id);
      const paths = (await control(bench, "seen")()).map(({ path }) => path);
      assert(paths.includes(`history/${id}`));
      assert(!paths.some((path) => /^history\/?$/.test(path)));
    },
  },
  ...["0.3.45", "0.8.0", "0.38.1"].map((version): Case => ({
    rule: 21,
    name: `odd and unknown messages change nothing on ${version}`,
    needs: ["noise", "version"],
    setup: { version },
    async run(bench) {
      await control(bench, "noise")(true);
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.slow(id, 40)));
      const news = await hearEnd(bench, id);
      const { state } = await follow(bench, id);
      assertEquals(outputsOf(state).length, 1);
      for (const { share = 0 } of news) {
        assert(share >= 0 && share <= 1 && Number.isFinite(share), `${share}`);
      }
      const [first] = news.filter(({ kind }) => kind === "progress");
      // A maximum of 0 says nothing about how far a node is.
      assert(first !== undefined && (first.share ?? 1) < 0.5, JSON.stringify(first));
    },
  })),
  ...progressCases(),
  {
    rule: 23,
    name: "status tells version, memory and queue",
    needs: [],
    async run(bench) {
      const status = await settle(bench, bench.comfy.status());
      assertMatch(status.version, /^\d+\.\d+\.\d+/);
      assert(status.ramFree !== null && status.device !== "unknown");
      // Neither of these servers has a graphics card.
      assertEquals([status.vramTotal, status.vramFree], [null, null]);
      assertEquals([status.queueRunning, status.queuePending, status.stuck], [0, 0, false]);
    },
  },
  {
    rule: 24,
    name: "free asks to unload models and to free memory, and takes the empty answer",
    needs: ["seen"],
    async run(bench) {
      await settle(bench, bench.comfy.free());
      const call = (await control(bench, "seen")()).find(({ path }) => path === "free");
      assertEquals(call?.body, { unload_models: true, free_memory: true });
    },
  },
  {
    rule: 25,
    name: "prefix and auth header hold for HTTP and socket, and no Origin is sent [AX38]",
    needs: ["seen", "connected"],
    setup: { prefix: "/gpu/comfy/", auth: "Bearer key" },
    async run(bench) {
      const id = bench.nextId();
      await settle(bench, bench.comfy.upload(fileOf(`${HASH}.png`, "test")));
      await settle(bench, bench.comfy.submit(id, bench.quick(id)));
      const [file] = outputsOf((await follow(bench, id)).state);
      assert(file !== undefined && await settle(bench, bench.comfy.exists(file)));
      assertEquals((await control(bench, "connected")()).length, 1);
      const seen = await control(bench, "seen")();
      assert(
        seen.every(({ path, origin, auth }) =>
          !path.startsWith("outside:") && origin === null && auth === "Bearer key"
        ),
      );
    },
  },
  {
    rule: 25,
    name: "a request that is never answered ends in time, and a caller may give up earlier",
    needs: ["hang"],
    setup: { limits: { jsonMs: 100 } },
    async run(bench) {
      await control(bench, "hang")("queue");
      assertEquals((await problemFrom(bench, () => bench.comfy.queue())).code, "comfy.unreachable");
      await control(bench, "hang")("queue");
      const giveUp = new AbortController();
      const reason = new Error("not needed any more");
      const asked = bench.comfy.queue(giveUp.signal).catch((thrown: unknown) => thrown);
      giveUp.abort(reason);
      assertEquals(await settle(bench, asked), reason);
    },
  },
  {
    rule: 25,
    name: "64-bit seeds arrive with every digit, and a number that lost some is refused [XC22]",
    needs: ["seen"],
    async run(bench) {
      const id = bench.nextId();
      const graph = bench.slow(id, 1);
      const sampler = Object.values(graph).find(({ inputs }) => "steps" in inputs);
      assert(sampler !== undefined);
      sampler.inputs.seed = "18446744073709551615";
      await settle(bench, bench.comfy.submit(id, graph));
      const post = (await control(bench, "seen")()).find(({ path }) => path === "prompt");
      assert(JSON.stringify(post?.body).includes('"seed":"18446744073709551615"'));
      const next = bench.nextId();
      const lossy = bench.slow(next, 1);
      for (const { inputs } of Object.values(lossy)) if ("steps" in inputs) inputs.seed = 2 ** 63;
      assertEquals(
        (await problemFrom(bench, () => bench.comfy.submit(next, lossy))).code,
        "template.bind_failed",
      );
    },
  },
];

function stopCases(): Case[] {
  return ["0.3.45", "0.8.0", null].map((version): Case => ({
    rule: 15,
    name: `stop ends one prompt, pending or running, and no other${
      version === null ? "" : `, on ${version}`
    }`,
    needs: version === null ? [] : ["version"],
    setup: version === null ? {} : { version },
    async run(bench) {
      const other = bench.open();
      const [foreign, waits, runs] = [bench.nextId(), bench.nextId(), bench.nextId()];
      await settle(bench, other.submit(foreign, bench.slow(foreign, 30)));
      await settle(bench, bench.comfy.submit(waits, bench.slow(waits, 2)));
      assertEquals(await settle(bench, bench.comfy.stop(waits)), true);
      assertEquals(await settle(bench, bench.comfy.find(waits)), { state: "unknown" });
      assertEquals((await follow(bench, foreign, other)).state.state, "finished");
      await settle(bench, bench.comfy.submit(runs, bench.slow(runs, 400)));
      while ((await settle(bench, bench.comfy.find(runs))).state !== "running") await bench.tick();
      await settle(bench, bench.comfy.stop(runs));
      assertEquals((await follow(bench, runs)).state, { state: "cancelled" });
      assertEquals(await settle(bench, bench.comfy.stop(runs)), true);
    },
  }));
}

function errorCases(): Case[] {
  return [
    {
      rule: 16,
      name: "an error of a node is final, in plain words, with the node for operators",
      needs: ["nextError"],
      async run(bench) {
        await control(bench, "nextError")();
        const found = await problemOfRun(bench, (id) => bench.slow(id, 2));
        assertEquals([found.code, found.retry], ["comfy.execution", "never"]);
        assertPlain(found);
        assertMatch(found.operator ?? "", /^Node .*: .*RuntimeError|^Node .*Error/);
        assert(!/Traceback|execution\.py/.test(found.operator ?? ""));
      },
    },
    {
      rule: 16,
      name: "out of memory is worth another try",
      needs: ["nextOom"],
      async run(bench) {
        await control(bench, "nextOom")();
        const found = await problemOfRun(bench, (id) => bench.slow(id, 2));
        assertEquals([found.code, found.retry], ["comfy.out_of_memory", "later"]);
        assertPlain(found);
        assert(!/TIPS/.test(found.operator ?? ""));
      },
    },
    {
      rule: 16,
      name: "an interruption that we did not ask for is told as such",
      needs: ["interruptOther"],
      async run(bench) {
        const id = bench.nextId();
        await settle(bench, bench.comfy.submit(id, bench.slow(id, 400)));
        while ((await settle(bench, bench.comfy.find(id))).state !== "running") await bench.tick();
        await control(bench, "interruptOther")();
        const { state } = await follow(bench, id);
        assertEquals(state.state === "failed" ? state.problem.code : state.state, "comfy.interrupted");
      },
    },
    {
      rule: 16,
      name: "status success with an error message beside it is a failure",
      needs: ["nextFalseSuccess"],
      async run(bench) {
        await control(bench, "nextFalseSuccess")();
        assertEquals((await problemOfRun(bench, (id) => bench.quick(id))).code, "comfy.execution");
      },
    },
    ...["0.8.0", null].map((version): Case => ({
      rule: 16,
      name: `a refused graph is final: node class, model and value told apart, nodes for operators only${
        version === null ? "" : `, on ${version}`
      }`,
      needs: version === null ? ["validation"] : ["validation", "version"],
      setup: version === null ? {} : { version },
      async run(bench) {
        const refuse = async (change: (graph: Graph) => Graph) => {
          const id = bench.nextId();
          const found = await problemFrom(bench, () => bench.comfy.submit(id, change(bench.quick(id))));
          assertPlain(found);
          assertMatch(found.operator ?? "", /Mine/);
          return [found.code, found.retry];
        };
        const _meta = { title: "Mine" };
        /** The wrong node takes the place of the picture that is saved: nodes that nothing needs are not judged. */
        const instead = (node: Graph[string], more: Graph = {}, from = "1") => (graph: Graph): Graph => {
          const save = graph["9"];
          if (save !== undefined) save.inputs.images = [from, 0];
          return { ...graph, ...more, "1": node };
        };
        const size = { width: 999_999, height: 8, batch_size: 1, color: 0 };
        const latent = { class_type: "EmptyLatentImage", inputs: { width: 64, height: 64, batch_size: 1 } };
        const decode = { class_type: "VAEDecode", inputs: { samples: ["4", 0], vae: ["1", 2] } };
        assertEquals(await refuse(instead({ class_type: "NoSuchNode", inputs: {}, _meta })), [
          "comfy.missing_node",
          "never",
        ]);
        assertEquals(await refuse(instead({ class_type: "EmptyImage", inputs: size, _meta })), [
          "comfy.rejected",
          "never",
        ]);
        const model = { ckpt_name: "missing.safetensors" };
        const loader = { class_type: "CheckpointLoaderSimple", inputs: model, _meta };
        assertEquals(await refuse(instead(loader, { "4": latent, "5": decode }, "5")), [
          "comfy.missing_model",
          "never",
        ]);
      },
    })),
    {
      rule: 16,
      name: "what a proxy answers is no word of ComfyUI, and may pass [XC4]",
      needs: ["answer"],
      async run(bench) {
        const page = "<html><h1>Bad Gateway</h1></html>";
        for (
          const reply of [
            { status: 502, type: "text/html", text: page },
            { status: 403, type: "application/octet-stream", text: "" },
            { status: 200, type: "text/html", text: page },
          ]
        ) {
          await control(bench, "answer")("queue", reply);
          const found = await problemFrom(bench, () => bench.comfy.queue());
          assertEquals([found.code, found.retry], ["comfy.proxy", "later"]);
        }
        await control(bench, "answer")("queue", { status: 200, type: "application/json", text: "[]" });
        assertEquals((await problemFrom(bench, () => bench.comfy.queue())).code, "comfy.protocol");
      },
    },
  ];
}

function progressCases(): Case[] {
  return [
    {
      rule: 22,
      name: "shares rise with the steps of the heavy node, with previews, and never fall",
      needs: ["previews"],
      async run(bench) {
        const id = bench.nextId();
        await settle(bench, bench.comfy.submit(id, bench.slow(id, 10)));
        const news = await hearEnd(bench, id);
        const shares = news.flatMap(({ share }) => share === undefined ? [] : [share]);
        assertEquals(shares, [...shares].sort((a, b) => a - b));
        assert(shares.some((share) => share > 0.3 && share < 0.8), shares.join(" "));
        const preview = news.find(({ kind }) => kind === "preview")?.preview;
        assertEquals([preview?.type, preview?.bytes[0]], ["image/jpeg", 0xff]);
        assertEquals(news.at(-1)?.kind, "ended");
      },
    },
    {
      rule: 22,
      name: "nodes that come out of the cache count as done",
      needs: ["dropSockets"],
      setup: { limits: { newsMs: 0 } },
      async run(bench) {
        const [a, b] = [bench.nextId(), bench.nextId()];
        await settle(bench, bench.comfy.submit(a, bench.slow(a, 10)));
        await follow(bench, a);
        await settle(bench, bench.comfy.submit(b, bench.slow(b, 10)));
        const shares = (await hearEnd(bench, b)).map(({ share = 0 }) => share);
        assert(Math.max(...shares) > 0.5, shares.join(" "));
      },
    },
  ];
}
