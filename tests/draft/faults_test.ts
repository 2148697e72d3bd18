/** Everything that can be made to go wrong does, when it is ordered and only then. */
import { z } from "zod";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { PROMPT_FAULTS } from "@/draft/faults.ts";
import { isOver, type Rig, until, withDraft } from "./rig.ts";

const State = z.looseObject({ epoch: z.number(), worker: z.string(), sockets: z.number() });
let colour = 0;

function graph() {
  colour += 1;
  return {
    "1": { class_type: "EmptyImage", inputs: { width: 16, height: 16, batch_size: 1, color: colour } },
    "2": { class_type: "RecPreview", inputs: { image: ["1", 0], steps: 3, delay: 0.005 } },
    "3": { class_type: "SaveImage", inputs: { images: ["2", 0], filename_prefix: "fault" } },
    "4": { class_type: "PreviewImage", inputs: { images: ["2", 0] } },
  };
}

const order = async (rig: Rig, body: unknown) => State.parse((await rig.post("/draft/faults", body)).json);
const withFault = (fault: string) => ({ "x-draft-fault": fault });
const jobText = async (rig: Rig, id: string) => (await rig.ask(`/api/jobs/${id}`)).text;

Deno.test("without an order nothing goes wrong", async () => {
  await withDraft({}, async (rig) => {
    for (let run = 0; run < 5; run++) {
      assert(JSON.stringify(await rig.ended(await rig.submit(graph()))).includes('"success"'));
    }
  });
});

Deno.test("an order that makes no sense is refused and changes nothing", async () => {
  await withDraft({}, async (rig) => {
    for (
      const body of [{}, { do: "explode" }, { do: "set", settings: { mute: "yes" } }, {
        do: "next",
        fault: "x",
      }]
    ) {
      assertEquals((await rig.post("/draft/faults", body)).status, 400);
    }
    assertEquals((await rig.post("/prompt", { prompt: graph() }, withFault("nonsense"))).status, 500);
    assertEquals((await rig.ask("/queue")).json, { queue_running: [], queue_pending: [] });
  });
});

Deno.test("failures of one prompt are ordered by header or for the next one", async () => {
  await withDraft({}, async (rig) => {
    const run = async (fault: string) => {
      const id = await rig.submit(graph(), {}, withFault(fault));
      return { entry: JSON.stringify(await rig.ended(id)), job: await jobText(rig, id) };
    };
    assert((await run("oom")).entry.includes("torch.OutOfMemoryError"));
    assert((await run("error=3")).entry.includes('"node_id":"3","node_type":"SaveImage"'));
    assert((await run("interrupt=RecPreview")).job.includes('"status":"cancelled"'));
    const strange = await run("success_with_error");
    assert(strange.entry.includes('"success"') && strange.entry.includes("execution_error"));
    assert(!strange.entry.includes("execution_success"));
    assert((await run("blocked")).entry.includes('"success"'));
    const gone = await run("missing_output");
    const name = /fault_\d+_\.png/.exec(gone.entry)?.[0];
    assertEquals((await rig.ask(`/view?filename=${name}`)).status, 404);
    await order(rig, { do: "next", fault: "oom", count: 2 });
    for (const expected of ["error", "error", "success"]) {
      const entry = JSON.stringify(await rig.ended(await rig.submit(graph())));
      assert(entry.includes(`"status_str":"${expected}"`));
    }
  });
});

Deno.test("a prompt is refused, or accepted with node errors, on order", async () => {
  await withDraft({}, async (rig) => {
    const refused = await rig.post("/prompt", { prompt: graph() }, withFault("reject=value_not_in_list"));
    assertEquals(refused.status, 400);
    assert(
      refused.text.includes("prompt_outputs_failed_validation") && refused.text.includes("value_not_in_list"),
    );
    const partly = await rig.post("/prompt", { prompt: graph() }, withFault("node_errors"));
    assertEquals(partly.status, 200);
    const { prompt_id, node_errors } = z.looseObject({
      prompt_id: z.string(),
      node_errors: z.record(z.string(), z.unknown()),
    }).parse(partly.json);
    assertEquals(Object.keys(node_errors), ["3"]);
    assert(!JSON.stringify(await rig.ended(prompt_id)).includes("fault_0"));
  });
});

Deno.test("a lost request is not queued, a lost response is, a late one comes after the events", async () => {
  await withDraft({}, async (rig) => {
    const id = (at: number) => `00000000-0000-4000-8000-00000000000${at}`;
    const send = (at: number, fault: string) =>
      rig.post("/prompt", { prompt: graph(), prompt_id: id(at), client_id: "me" }, withFault(fault));
    await assertRejects(() => send(1, "lose_request"));
    assertEquals((await rig.ask(`/api/jobs/${id(1)}`)).status, 404);
    await assertRejects(() => send(2, "lose_response"));
    await rig.ended(id(2));
    const listener = await rig.listen("me");
    const abort = new AbortController();
    const late = rig.ask("/prompt", {
      method: "POST",
      body: JSON.stringify({ prompt: graph(), prompt_id: id(3), client_id: "me" }),
      headers: withFault("late_response=60000"),
      signal: abort.signal,
    });
    const lost = assertRejects(() => late);
    await until(() => isOver(listener));
    abort.abort();
    await lost;
  });
});

Deno.test("a hanging prompt ignores interrupts and goes on when the faults are cleared", async () => {
  await withDraft({}, async (rig) => {
    const listener = await rig.listen("me");
    const id = await rig.submit(graph(), { client_id: "me" }, withFault("hang"));
    await until(() => listener.heard.some((line) => line.includes('"type":"executing"')));
    assert((await jobText(rig, id)).includes("in_progress"));
    await rig.post("/interrupt", { prompt_id: id });
    assertEquals((await rig.ask(`/history/${id}`)).text, "{}");
    await order(rig, { do: "clear" });
    assert(JSON.stringify(await rig.ended(id)).includes("execution_interrupted"));
  });
});

Deno.test("a cancel that loses the race is confirmed and still succeeds", async () => {
  await withDraft({}, async (rig) => {
    const id = await rig.submit(graph(), {}, withFault("cancel_race"));
    assertEquals((await rig.post(`/api/jobs/${id}/cancel`)).json, { cancelled: true });
    assert(JSON.stringify(await rig.ended(id)).includes("execution_success"));
  });
});

Deno.test("success is told before history knows it", async () => {
  await withDraft({}, async (rig) => {
    await order(rig, { do: "set", settings: { historyGapMs: 60_000 } });
    const listener = await rig.listen("me");
    const id = await rig.submit(graph(), { client_id: "me" });
    await until(() => listener.heard.some((line) => line.includes("execution_success")));
    assertEquals((await rig.ask(`/history/${id}`)).text, "{}");
    assert((await jobText(rig, id)).includes('"in_progress"'));
  });
});

Deno.test("muted sockets stay open and hear nothing", async () => {
  await withDraft({}, async (rig) => {
    const listener = await rig.listen("me");
    await order(rig, { do: "set", settings: { mute: true } });
    await rig.ended(await rig.submit(graph(), { client_id: "me" }));
    assertEquals([listener.heard.length, listener.closed], [1, null]);
    await order(rig, { do: "clear" });
    await rig.submit(graph(), { client_id: "me" });
    await until(() => isOver(listener));
  });
});

Deno.test("unknown message types are sent on order", async () => {
  await withDraft({}, async (rig) => {
    const listener = await rig.listen();
    await order(rig, { do: "send", type: "crystools.monitor", data: { cpu: 1 } });
    await order(rig, { do: "set", settings: { unknownMessages: true } });
    await rig.submit(graph());
    const hears = (type: string) => listener.heard.some((line) => line.includes(`"type":"${type}"`));
    await until(() => hears("crystools.monitor") && hears("draft.unknown"));
  });
});

Deno.test("dropped connections break sockets uncleanly while the work goes on", async () => {
  await withDraft({}, async (rig) => {
    const listener = await rig.listen("me");
    const id = await rig.submit(graph(), { client_id: "me" }, withFault("hang"));
    await until(() => listener.heard.some((line) => line.includes('"type":"executing"')));
    await rig.draft.obey({ do: "drop_sockets" });
    await until(() => listener.closed !== null);
    assertEquals(listener.closed?.clean, false);
    assert((await jobText(rig, id)).includes("in_progress"));
    await order(rig, { do: "clear" });
    assert(JSON.stringify(await rig.ended(id)).includes("execution_success"));
  });
});

Deno.test("for a while connections are refused, on the same port as before", async () => {
  await withDraft({}, async (rig) => {
    await order(rig, { do: "refuse", ms: 200 });
    await until(async () => await rig.ask("/prompt").then(() => false, () => true));
    await until(async () => await rig.ask("/prompt").then(() => true, () => false));
  });
});

Deno.test("a restart loses queue, history and counter, and files stay", async () => {
  await withDraft({}, async (rig) => {
    const done = await rig.submit(graph());
    await rig.ended(done);
    const running = await rig.submit(graph(), {}, withFault("hang"));
    const pending = await rig.submit(graph());
    const listener = await rig.listen("me");
    await order(rig, { do: "restart" });
    await until(() => listener.closed !== null);
    await until(async () => await rig.ask("/prompt").then(() => true, () => false));
    for (const id of [done, running, pending]) {
      assertEquals((await rig.ask(`/history/${id}`)).text, "{}");
      assertEquals((await rig.ask(`/api/jobs/${id}`)).status, 404);
    }
    assertEquals((await rig.ask("/prompt")).json, { exec_info: { queue_remaining: 0 } });
    assertEquals((await rig.ask("/view?filename=fault_00001_.png")).status, 200);
    const first = await rig.post("/prompt", { prompt: graph() });
    assert(first.text.includes('"number":0'));
    assertEquals(State.parse((await rig.ask("/draft/faults")).json).epoch, 2);
  });
});

Deno.test("a dead worker takes prompts in and runs none until a restart", async () => {
  await withDraft({}, async (rig) => {
    assertEquals((await order(rig, { do: "kill_worker" })).worker, "dead");
    const id = await rig.submit(graph());
    assert((await jobText(rig, id)).includes('"pending"'));
    assertEquals((await rig.ask("/system_stats")).status, 200);
    await rig.draft.obey({ do: "restart", downMs: 0 });
    await rig.ended(await rig.submit(graph()));
  });
});

Deno.test("somebody else's work fills the queue and tells its progress to everybody", async () => {
  await withDraft({}, async (rig) => {
    const listener = await rig.listen("me");
    await order(rig, { do: "foreign_job", count: 2, steps: 2 });
    const id = await rig.submit(graph(), { client_id: "me" });
    await rig.ended(id);
    assert(listener.heard.some((line) => line.includes('"type":"progress"') && line.includes('"max":2')));
    const total = z.looseObject({ pagination: z.looseObject({ total: z.number() }) });
    assertEquals(total.parse((await rig.ask("/api/jobs")).json).pagination.total, 3);
    assert(!(await rig.ask("/object_info")).text.includes("DraftForeignWork"));
  });
});

Deno.test("history is filled on order and drops its oldest entries over the limit", async () => {
  await withDraft({}, async (rig) => {
    const first = await rig.submit(graph());
    await rig.ended(first);
    await order(rig, { do: "fill_history", count: 10_000 });
    assert((await jobText(rig, first)).includes("completed"));
    await order(rig, { do: "fill_history", count: 1 });
    assertEquals((await rig.ask(`/history/${first}`)).text, "{}");
    const newest = await rig.ask("/history?max_items=2");
    assertEquals(Object.keys(z.record(z.string(), z.unknown()).parse(newest.json)).length, 2);
  });
});

Deno.test("answers of a proxy in between, slow definitions and cut downloads come on order", async () => {
  await withDraft({}, async (rig) => {
    await order(rig, { do: "answer", path: "/prompt", status: 502 });
    const proxy = await rig.post("/api/prompt", { prompt: graph() });
    assertEquals([proxy.status, proxy.type], [502, "text/html"]);
    const id = await rig.submit(graph());
    await rig.ended(id);
    await order(rig, { do: "set", settings: { cutViewBytes: 10, objectInfoMs: 60_000 } });
    await assertRejects(() => rig.ask("/view?filename=fault_00001_.png"));
    const abort = new AbortController();
    let isAnswered = false;
    const slow = rig.ask("/object_info/SaveImage", { signal: abort.signal }).then(() => isAnswered = true);
    const lost = assertRejects(() => slow);
    assertEquals((await rig.ask("/prompt")).status, 200);
    assertEquals(isAnswered, false);
    abort.abort();
    await lost;
  });
});

Deno.test("outputs of every recorded key reach history and the job", async () => {
  await withDraft({}, async (rig) => {
    const id = await rig.submit({ "1": { class_type: "RecOutputs", inputs: {} } });
    const entry = z.looseObject({ outputs: z.record(z.string(), z.record(z.string(), z.unknown())) });
    const { outputs } = entry.parse(await rig.ended(id));
    assertEquals(Object.keys(outputs["1"] ?? {}), ["gifs", "audio", "latents", "text"]);
    assert((await jobText(rig, id)).includes('"outputs_count":3,"previewable_outputs_count":2'));
  });
});

Deno.test("the README names every fault and every order", async () => {
  const readme = await Deno.readTextFile(new URL("../../draft/README.md", import.meta.url));
  const orders = ["set", "next", "answer", "clear", "restart", "refuse", "drop_sockets", "kill_worker"];
  const more = ["interrupt_running", "delete_file", "foreign_job", "fill_history", "send"];
  for (const name of [...PROMPT_FAULTS, ...orders, ...more]) assert(readme.includes(`\`${name}\``), name);
});
