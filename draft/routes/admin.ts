/** `/draft/*`: the switches by which a test makes things go wrong. A real ComfyUI has none of these. */
import { resolve } from "node:path";
import { Hono } from "hono";
import { z } from "zod";
import type { Desk } from "../desk.ts";
import { Order, PROMPT_FAULTS } from "../faults.ts";
import { isInside } from "../folders.ts";
import { FOREIGN_CLASS, makeForeignGraph } from "../foreign.ts";
import { answerJson, readJson } from "./answers.ts";

const BREAKING = ["restart", "refuse", "drop_sockets"];

/** Carries out one order. Resolves when it is done: after a cut, when the port is open again. Throws NotFound when a file to delete is not there. */
export type Obey = (order: Order) => Promise<void>;

export function adminRoutes(desk: Desk, obey: Obey): Hono {
  const routes = new Hono();
  routes.get("/draft/faults", () => answerJson(describe(desk)));
  routes.post("/draft/faults", async (c) => {
    const body = await readJson(c.req.raw, desk.uploadMaxBytes).catch(() => undefined);
    const order = Order.safeParse(body);
    if (!order.success) return answerJson({ error: z.prettifyError(order.error) }, 400);
    const done = obey(order.data);
    // These break the connection of their own answer, so the answer goes ahead of them.
    if (BREAKING.includes(order.data.do)) {
      done.catch((problem) => desk.log.error("order failed", { reason: String(problem) }));
    } else await done;
    return answerJson(describe(desk));
  });
  return routes;
}

function describe(desk: Desk): unknown {
  return {
    epoch: desk.epoch(),
    version: desk.version,
    worker: desk.life().isWorkerDead ? "dead" : "alive",
    sockets: desk.sockets.count,
    settings: desk.faults.settings,
    next: desk.faults.next,
    answers: desk.faults.answers,
    promptFaults: PROMPT_FAULTS,
  };
}

export function makeObey(desk: Desk): Obey {
  return async (order) => {
    switch (order.do) {
      case "set":
        return desk.faults.set(order.settings);
      case "next":
        for (let count = 0; count < order.count; count++) {
          desk.faults.next.push({
            fault: order.fault,
            ...(order.value !== undefined && { value: order.value }),
          });
        }
        return;
      case "answer":
        desk.faults.answers.push({ ...order });
        return;
      case "clear":
        return desk.faults.clear();
      case "restart":
        return await desk.restart(order.downMs);
      case "refuse":
        return await desk.cut(order.ms);
      case "drop_sockets":
        return await desk.cut(0);
      case "kill_worker":
        return desk.life().killWorker();
      case "interrupt_running":
        desk.life().interrupt();
        return;
      case "delete_file":
        return await deleteFile(desk, order);
      case "foreign_job":
        return addForeign(desk, order);
      case "fill_history":
        return fillHistory(desk, order);
      case "send":
        return desk.sockets.send(order.type, order.data, null);
    }
  };
}

async function deleteFile(desk: Desk, order: Extract<Order, { do: "delete_file" }>): Promise<void> {
  const base = desk.folders[order.type];
  const path = resolve(base, order.subfolder, order.filename);
  if (!isInside(base, path) || path === base) throw new Error("the file lies outside its folder");
  await Deno.remove(path);
}

function addForeign(desk: Desk, order: Extract<Order, { do: "foreign_job" }>): void {
  for (let count = 0; count < order.count; count++) {
    const id = desk.ids.uuid4();
    desk.life().queue.put({
      number: desk.life().takeNumber(),
      id,
      graph: makeForeignGraph({ steps: order.steps, stepMs: order.stepMs, salt: id }),
      extra: {
        ...(order.clientId !== null && { client_id: order.clientId }),
        ...(desk.traits.createTime && { create_time: desk.clock.now() }),
      },
      outputs: ["1"],
      faults: [],
    });
  }
}

/** Ended prompts of nobody, each padded to a size. */
function fillHistory(desk: Desk, order: Extract<Order, { do: "fill_history" }>): void {
  const padding = "x".repeat(order.bytes);
  for (let count = 0; count < order.count; count++) {
    const id = desk.ids.uuid4();
    const timestamp = desk.clock.now();
    const data = { prompt_id: id, timestamp };
    desk.life().history.record({
      number: desk.life().takeNumber(),
      id,
      graph: { "1": { class_type: FOREIGN_CLASS, inputs: { steps: 0, step_ms: 0, padding } } },
      extra: { create_time: timestamp },
      outputs: ["1"],
      faults: [],
    }, {
      outputs: { "1": { text: ["foreign work"] } },
      status: {
        status_str: "success",
        completed: true,
        messages: [
          ["execution_start", data],
          ["execution_cached", { ...data, nodes: [] }],
          ["execution_success", data],
        ],
      },
      meta: { "1": { node_id: "1", display_node: "1", parent_node: null, real_node_id: "1" } },
    });
  }
}
