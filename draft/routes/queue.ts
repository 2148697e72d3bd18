/** `/queue`, `/history`, `/interrupt`, `/free`: what waits, what was, and how to stop it. */
import { Hono } from "hono";
import type { Desk } from "../desk.ts";
import { renderEntries } from "../history.ts";
import { listPrompt } from "../queue.ts";
import { isRecord, PythonError, toInt } from "../python.ts";
import { answerEmpty, answerJson, readBytes, readList, readObject } from "./answers.ts";

export function queueRoutes(desk: Desk): Hono {
  const routes = new Hono();
  routes.get("/queue", () => {
    const { running, pending } = desk.life().queue;
    return answerJson({
      queue_running: running === null ? [] : [listPrompt(running)],
      queue_pending: pending.map(listPrompt),
    });
  });
  routes.post("/queue", async (c) => {
    const body = await readObject(c.req.raw, desk.uploadMaxBytes);
    if (body.clear) desk.life().queue.clear();
    for (const id of listOf(body.delete)) desk.life().queue.remove(id);
    return answerEmpty();
  });
  routes.get("/history", (c) => {
    const max = c.req.query("max_items");
    const offset = c.req.query("offset");
    return answerJson(renderEntries(
      desk.life().history.list({
        max: max === undefined ? null : Number(toInt(max)),
        offset: offset === undefined ? -1 : Number(toInt(offset)),
      }),
    ));
  });
  routes.get("/history/:id", (c) => {
    const entry = desk.life().history.get(c.req.param("id"));
    return answerJson(renderEntries(entry === undefined ? [] : [entry]));
  });
  routes.post("/history", async (c) => {
    const body = await readObject(c.req.raw, desk.uploadMaxBytes);
    if (body.clear) desk.life().history.clear();
    for (const id of listOf(body.delete)) desk.life().history.delete(id);
    return answerEmpty();
  });
  routes.post("/interrupt", async (c) => {
    const text = new TextDecoder().decode(await readBytes(c.req.raw, desk.uploadMaxBytes));
    desk.life().interrupt(readTarget(text));
    return answerEmpty();
  });
  routes.post("/free", async (c) => {
    const body = await readObject(c.req.raw, desk.uploadMaxBytes);
    if (body.free_memory) desk.life().free();
    return answerEmpty();
  });
  return routes;
}

/** Nothing was asked for where the field is missing; `null` cannot be gone through. */
function listOf(value: unknown): string[] {
  if (value === null) throw new PythonError("TypeError", "'NoneType' object is not iterable");
  return readList(value);
}

/** An unreadable body counts as none: then whatever runs is meant. */
function readTarget(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) && body.prompt_id ? String(body.prompt_id) : undefined;
  } catch {
    return undefined;
  }
}
