/** The order in which prompts wait and run. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { makeHeap, popHeap, pushHeap } from "@/draft/heap.ts";
import { isOver, type Rig, until, withDraft } from "./rig.ts";

const less = (a: number, b: number) => a < b;

Deno.test("the heap moves as Python's heapq does", () => {
  const heap: number[] = [];
  for (const value of [5, 3, 8, 1, 9, 2]) pushHeap(heap, value, less);
  assertEquals(heap, [1, 3, 2, 5, 9, 8]);
  assertEquals(popHeap(heap, less), 1);
  assertEquals(heap, [2, 3, 8, 5, 9]);
  const other = [9, 7, 5, 3, 1];
  makeHeap(other, less);
  assertEquals(other, [1, 3, 5, 9, 7]);
  assertEquals(popHeap([], less), undefined);
});

const image = (color: number) => ({
  "1": { class_type: "EmptyImage", inputs: { width: 16, height: 16, batch_size: 1, color } },
  "2": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
});

/** Starts prompts while the first one hangs, so that the rest has to wait. */
async function fillQueue(rig: Rig, more: Record<string, unknown>[]): Promise<string[]> {
  const ids = [await rig.submit(image(0), { client_id: "me" }, { "x-draft-fault": "hang" })];
  for (const [at, fields] of more.entries()) {
    ids.push(await rig.submit(image(at + 1), { client_id: "me", ...fields }));
  }
  return ids;
}

Deno.test("lower numbers run first, front goes before the automatic ones, the newest front first", async () => {
  await withDraft({}, async (rig) => {
    const listener = await rig.listen("me");
    const ids = await fillQueue(rig, [
      {},
      { number: 50 },
      { front: true },
      { number: -5.5 },
      { front: true },
      {},
    ]);
    await until(() => listener.heard.some((line) => line.includes('"type":"executing"')));
    await rig.draft.obey({ do: "clear" });
    for (const id of ids) await rig.ended(id);
    const ran = Object.keys(JSON.parse((await rig.ask("/history")).text)).map((id) => ids.indexOf(id));
    assertEquals(ran, [0, 4, 5, 3, 1, 6, 2]);
    assert(isOver(listener));
  });
});

Deno.test("pending prompts are listed in heap order, not in the order in which they run", async () => {
  await withDraft({}, async (rig) => {
    await fillQueue(rig, [5, 3, 8, 1, 9, 2].map((number) => ({ number })));
    const queue = JSON.parse((await rig.ask("/queue")).text);
    assertEquals(queue.queue_pending.map((item: unknown[]) => item[0]), [1, 3, 2, 5, 9, 8]);
    assertEquals(queue.queue_pending[0].length, 5);
  });
});

Deno.test("the same id with another number runs twice and history keeps the later run", async () => {
  await withDraft({}, async (rig) => {
    const id = "00000000-0000-4000-8000-000000000001";
    await fillQueue(rig, [{ prompt_id: id }, { prompt_id: id }]);
    const listener = await rig.listen("me");
    await rig.draft.obey({ do: "clear" });
    const ends = () => listener.heard.filter((line) => line.includes('"node":null')).length;
    await until(() => ends() === 3);
    const history = JSON.parse((await rig.ask(`/history/${id}`)).text);
    assertEquals(history[id].prompt[2]["1"].inputs.color, 2);
  });
});

Deno.test("keys of paid nodes reach no listing", async () => {
  await withDraft({}, async (rig) => {
    const id = await rig.submit(image(1), { extra_data: { api_key_comfy_org: "secret", my_tag: "x" } });
    await rig.ended(id);
    const history = await rig.ask("/history");
    assert(!history.text.includes("secret") && history.text.includes('"my_tag":"x"'));
  });
});

Deno.test("freed memory makes an identical prompt run again", async () => {
  await withDraft({}, async (rig) => {
    const cached = async () =>
      JSON.stringify(await rig.ended(await rig.submit(image(7)))).includes('"nodes":["1","2"]');
    assertEquals(await cached(), false);
    assertEquals(await cached(), true);
    await rig.post("/free", { free_memory: true });
    assertEquals(await cached(), false);
  });
});
