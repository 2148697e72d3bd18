/** The contract of a ComfyUI client, rules 1 to 12 of comfyui.md §8.2: one case or more per rule. */
import { problemOf } from "@/core/problem.ts";
import type { PromptNews } from "@/core/ports.ts";
import type { Graph } from "@/core/template.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { type Case, control, follow, outputsOf, problemFrom, readAll, settle, until } from "./comfy_bench.ts";

/** So slow that only an event, or the short look after one, can be in time. */
export const SLOW_POLL = { pollMs: { least: 60_000, most: 60_000 } };

/** Null while the server is on its way back. */
async function whileDown<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (thrown) {
    if (problemOf(thrown).code === "comfy.unreachable") return null;
    throw thrown;
  }
}

export const FIRST_CASES: Case[] = [
  {
    rule: 1,
    name: "the end of a prompt is found by HTTP while the socket tells nothing [PR41]",
    needs: ["muteSockets"],
    async run(bench) {
      await control(bench, "muteSockets")(true);
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.slow(id, 100)));
      const { state, states } = await follow(bench, id);
      assertEquals(outputsOf(state).length, 1);
      assert(!states.includes("unknown"));
    },
  },
  {
    rule: 1,
    name: "without any socket a prompt runs and ends all the same",
    needs: ["refuseSockets"],
    async run(bench) {
      await control(bench, "refuseSockets")(true);
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.quick(id)));
      assertEquals((await follow(bench, id)).state.state, "finished");
    },
  },
  {
    rule: 1,
    name: "the start of a prompt wakes whoever waits for it, and the prompt is found running",
    needs: [],
    setup: { limits: SLOW_POLL },
    async run(bench) {
      const [a, b] = [bench.nextId(), bench.nextId()];
      await settle(bench, bench.comfy.submit(a, bench.slow(a, 60)));
      await settle(bench, bench.comfy.submit(b, bench.slow(b, 100)));
      assertEquals((await settle(bench, bench.comfy.find(b))).state, "pending");
      const heard: string[] = [];
      const signal = new AbortController().signal;
      await settle(bench, bench.comfy.wait(b, { signal, onNews: (news) => heard.push(news.kind) }));
      const { state } = await settle(bench, bench.comfy.find(b));
      assertEquals([state, heard[0], heard.includes("ended")], ["running", "started", false]);
      const { looks } = await follow(bench, b);
      assert(looks <= 4, `${looks} looks`);
    },
  },
  {
    rule: 2,
    name: "after the success event the client looks again and again until history has the outputs [PR41]",
    needs: ["historyGapMs"],
    setup: { limits: SLOW_POLL },
    async run(bench) {
      await control(bench, "historyGapMs")(100);
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.quick(id)));
      const { state, states, looks } = await follow(bench, id);
      assertEquals(outputsOf(state).length, 1);
      assert(looks >= 3, `only ${looks} looks`);
      assert(!states.includes("unknown"));
    },
  },
  {
    rule: 3,
    name: "a prompt that the server knows is not posted again",
    needs: ["seen"],
    async run(bench) {
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.slow(id, 3)));
      await settle(bench, bench.comfy.submit(id, bench.slow(id, 3)));
      assertEquals((await follow(bench, id)).state.state, "finished");
      await settle(bench, bench.comfy.submit(id, bench.slow(id, 3)));
      const posts = (await control(bench, "seen")()).filter(({ method, path }) =>
        method === "POST" && path === "prompt"
      );
      assertEquals(posts.length, 1);
    },
  },
  {
    rule: 3,
    name: "a lost reply to the POST is settled by asking for the id",
    needs: ["loseReply"],
    async run(bench) {
      await control(bench, "loseReply")("prompt");
      const id = bench.nextId();
      const lost = await problemFrom(bench, () => bench.comfy.submit(id, bench.slow(id, 3)));
      assertEquals([lost.code, lost.retry], ["comfy.unreachable", "later"]);
      assertEquals((await follow(bench, id)).state.state, "finished");
    },
  },
  {
    rule: 3,
    name: "an id that is no canonical lower-case UUID is never sent",
    needs: ["seen"],
    async run(bench) {
      const id = bench.nextId();
      const refused = await problemFrom(
        bench,
        () => bench.comfy.submit(id.toUpperCase(), bench.quick(id.toUpperCase())),
      );
      assertEquals(refused.code, "comfy.rejected");
      assertEquals((await control(bench, "seen")()).filter(({ path }) => path === "prompt"), []);
    },
  },
  {
    rule: 4,
    name: "events that overtake the reply of the POST are not lost",
    needs: ["eventsBeforeReply"],
    setup: { limits: SLOW_POLL },
    async run(bench) {
      await control(bench, "eventsBeforeReply")(true);
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.quick(id)));
      const heard: string[] = [];
      const signal = new AbortController().signal;
      await settle(bench, bench.comfy.wait(id, { signal, onNews: (news) => heard.push(news.kind) }));
      assertEquals(heard, ["started", "ended"]);
    },
  },
  {
    rule: 4,
    name: "the end of one prompt does not wake the wait for another, which hears its own start [PR42]",
    needs: [],
    setup: { limits: SLOW_POLL },
    async run(bench) {
      const [a, b] = [bench.nextId(), bench.nextId()];
      await settle(bench, bench.comfy.submit(a, bench.slow(a, 5)));
      await settle(bench, bench.comfy.submit(b, bench.slow(b, 400)));
      const heard: PromptNews[] = [];
      const signal = new AbortController().signal;
      const waiting = bench.comfy.wait(b, { signal, onNews: (news) => heard.push(news) });
      assertEquals((await follow(bench, a)).state.state, "finished");
      await settle(bench, waiting);
      assertEquals(heard[0]?.kind, "started");
      assert(heard.every(({ promptId }) => promptId === b));
    },
  },
  {
    rule: 5,
    name: "the socket is open before the POST, which carries its id",
    needs: ["seen", "connected"],
    async run(bench) {
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.quick(id)));
      const seen = await control(bench, "seen")();
      const [connect, post] = [
        seen.findIndex(({ path }) => path === "ws"),
        seen.findIndex(({ path }) => path === "prompt"),
      ];
      assert(connect >= 0 && connect < post);
      const body = JSON.stringify(seen[post]?.body);
      const [clientId = "none"] = await control(bench, "connected")();
      assert(body.includes(`"client_id":"${clientId}"`));
    },
  },
  {
    rule: 5,
    name: "a dropped socket comes back under a fresh client id, and prompts use that one",
    needs: ["dropSockets", "connected", "seen"],
    async run(bench) {
      const [a, b] = [bench.nextId(), bench.nextId()];
      await settle(bench, bench.comfy.submit(a, bench.quick(a)));
      await control(bench, "dropSockets")();
      await until(bench, async () => (await control(bench, "connected")()).length >= 2);
      const [first, second] = await control(bench, "connected")();
      assert(first !== second && second !== undefined);
      await settle(bench, bench.comfy.submit(b, bench.quick(b)));
      const posts = (await control(bench, "seen")()).filter(({ path }) => path === "prompt");
      assert(JSON.stringify(posts.at(-1)?.body).includes(second));
      assertEquals((await follow(bench, b)).state.state, "finished");
    },
  },
  {
    rule: 5,
    name: "a dropped socket wakes whoever waits, and the prompt is finished by asking",
    needs: ["dropSockets"],
    setup: { limits: SLOW_POLL },
    async run(bench) {
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.slow(id, 20)));
      const signal = new AbortController().signal;
      const waiting = bench.comfy.wait(id, { signal });
      await control(bench, "dropSockets")();
      await settle(bench, waiting);
    },
  },
  {
    rule: 5,
    name: "a socket that stays open and tells nothing is replaced after two silent ends",
    needs: ["muteSockets", "connected"],
    async run(bench) {
      await control(bench, "muteSockets")(true);
      for (let turn = 0; turn < 2; turn++) {
        const id = bench.nextId();
        await settle(bench, bench.comfy.submit(id, bench.quick(id, turn)));
        await follow(bench, id);
      }
      await until(bench, async () => (await control(bench, "connected")()).length >= 2);
    },
  },
  {
    rule: 6,
    name: "a restart makes accepted prompts unknown and raises the epoch once",
    needs: ["restart"],
    async run(bench) {
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.slow(id, 200)));
      const before = (await settle(bench, bench.comfy.status())).epoch;
      assert(["running", "pending"].includes((await settle(bench, bench.comfy.find(id))).state));
      await control(bench, "restart")();
      await until(bench, async () => (await whileDown(() => bench.comfy.find(id)))?.state === "unknown");
      await until(bench, async () => (await whileDown(() => bench.comfy.status()))?.epoch === before + 1);
      const next = bench.nextId();
      await settle(bench, bench.comfy.submit(next, bench.quick(next)));
      assertEquals((await follow(bench, next)).state.state, "finished");
      assertEquals((await settle(bench, bench.comfy.status())).epoch, before + 1);
    },
  },
  {
    rule: 6,
    name: "a server that was down and is back counts as restarted; meanwhile it is unreachable",
    needs: ["down", "up"],
    async run(bench) {
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.quick(id)));
      await follow(bench, id);
      const before = (await settle(bench, bench.comfy.status())).epoch;
      await control(bench, "down")();
      const gone = await problemFrom(bench, () => bench.comfy.find(id));
      assertEquals([gone.code, gone.retry], ["comfy.unreachable", "later"]);
      await control(bench, "up")();
      await until(bench, async () => (await bench.comfy.status()).epoch > before);
    },
  },
  {
    rule: 6,
    name: "a server without jobs tells unknown from running by history and queue",
    needs: ["version"],
    setup: { version: "0.3.45" },
    async run(bench) {
      const [a, b] = [bench.nextId(), bench.nextId()];
      await settle(bench, bench.comfy.submit(a, bench.slow(a, 60)));
      await settle(bench, bench.comfy.submit(b, bench.slow(b, 5)));
      assertEquals((await settle(bench, bench.comfy.find(b))).state, "pending");
      const { states } = await follow(bench, b);
      assertEquals(states.at(-1), "finished");
      assert(!states.includes("unknown"));
      assertEquals(await settle(bench, bench.comfy.find(bench.nextId())), { state: "unknown" });
    },
  },
  {
    rule: 7,
    name: "prompts that wait while nothing runs and nothing is told make the server stuck",
    needs: ["killWorker"],
    async run(bench) {
      const first = bench.nextId();
      await settle(bench, bench.comfy.submit(first, bench.quick(first)));
      await follow(bench, first);
      assertEquals((await settle(bench, bench.comfy.status())).stuck, false);
      await control(bench, "killWorker")();
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.quick(id, 7)));
      await until(bench, async () => (await bench.comfy.status()).stuck);
      assertEquals(await settle(bench, bench.comfy.find(id)), { state: "pending" });
    },
  },
  {
    rule: 8,
    name: "every prompt carries a client id, with and without a socket",
    needs: ["seen", "refuseSockets"],
    async run(bench) {
      const a = bench.nextId();
      await settle(bench, bench.comfy.submit(a, bench.quick(a)));
      const other = bench.open();
      await control(bench, "refuseSockets")(true);
      const b = bench.nextId();
      await settle(bench, other.submit(b, bench.quick(b)));
      const posts = (await control(bench, "seen")()).filter(({ path }) => path === "prompt");
      const ids = posts.map(({ body }) => /"client_id":"([0-9a-f]{32})"/.exec(JSON.stringify(body))?.[1]);
      assert(ids.every((id) => id !== undefined) && new Set(ids).size === 2);
    },
  },
  {
    rule: 9,
    name: "a fully cached prompt ends with the old file, and a file that is gone is noticed",
    needs: ["deleteOutput"],
    async run(bench) {
      const [a, b] = [bench.nextId(), bench.nextId()];
      // Both ids stand in the prefix, so both prompts are the same graph.
      const graph = bench.quick(`${a}-${b}`);
      await settle(bench, bench.comfy.submit(a, graph));
      const [first] = outputsOf((await follow(bench, a)).state);
      await settle(bench, bench.comfy.submit(b, graph));
      const [again] = outputsOf((await follow(bench, b)).state);
      assert(first !== undefined && again !== undefined);
      assertEquals(again.filename, first.filename);
      assertEquals(await settle(bench, bench.comfy.exists(again)), true);
      await control(bench, "deleteOutput")(again);
      assertEquals(await settle(bench, bench.comfy.exists(again)), false);
      const gone = await problemFrom(bench, () => bench.comfy.download(again));
      assertEquals(gone.code, "comfy.output_missing");
    },
  },
  {
    rule: 10,
    name: "files are found under every key, with node and order, and temporary ones are left out",
    needs: ["saves"],
    async run(bench) {
      const id = bench.nextId();
      const save = (class_type: string, input: string) => ({
        class_type,
        inputs: { [input]: ["1", 0], filename_prefix: `x/${id}-${class_type}` },
      });
      const graph: Graph = {
        "1": { class_type: "EmptyImage", inputs: { width: 8, height: 8, batch_size: 1 } },
        "2": save("SaveVideo", "video"),
        "3": save("VHS_VideoCombine", "images"),
        "4": save("SaveAudio", "audio"),
        "5": save("SaveLatent", "samples"),
        "6": save("SaveText", "text"),
        "7": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
      };
      await settle(bench, bench.comfy.submit(id, graph));
      const outputs = outputsOf((await follow(bench, id)).state);
      assertEquals(outputs.map(({ node, key, ord, type }) => `${node} ${key} ${ord} ${type}`).sort(), [
        "2 images 0 output",
        "3 gifs 0 output",
        "4 audio 0 output",
        "5 latents 0 output",
        "6 files 0 output",
      ]);
    },
  },
  {
    rule: 11,
    name: "a save prefix without the prompt's own id is refused before anything is sent",
    needs: ["seen"],
    async run(bench) {
      const id = bench.nextId();
      const refused = await problemFrom(bench, () => bench.comfy.submit(id, bench.quick(bench.nextId())));
      assertEquals(refused.code, "template.bind_failed");
      assertEquals((await control(bench, "seen")()).filter(({ path }) => path === "prompt"), []);
    },
  },
  {
    rule: 12,
    name: "a download that is cut goes on where it broke off and has every byte once",
    needs: ["cutDownload", "seen"],
    async run(bench) {
      const id = bench.nextId();
      await settle(bench, bench.comfy.submit(id, bench.quick(id)));
      const [file] = outputsOf((await follow(bench, id)).state);
      assert(file !== undefined);
      const whole = await settle(bench, bench.comfy.download(file).then(readAll));
      await control(bench, "cutDownload")(300);
      await control(bench, "cutDownload")(200);
      const again = await settle(bench, bench.comfy.download(file).then(readAll));
      assertEquals(again, whole);
    },
  },
  {
    rule: 12,
    name: "names with spaces, plus, hash, ampersand and other scripts are fetched",
    needs: [],
    async run(bench) {
      const id = bench.nextId();
      const graph = bench.quick(`${id}/Mädchen 日本 +&#%41`);
      await settle(bench, bench.comfy.submit(id, graph));
      const [file] = outputsOf((await follow(bench, id)).state);
      assert(file !== undefined);
      assert((await settle(bench, bench.comfy.download(file).then(readAll))).byteLength > 0);
    },
  },
];
