/** Pieces of old takes are let go by what a take is at that moment, not by what it was when the look at all began. */
import type { Kysely } from "kysely";
import { endKeeping } from "@/db/intermediates.ts";
import type { Schema } from "@/db/schema.ts";
import { assertEquals } from "@/tests/assert.ts";
import { behave, makeJob, makeShown, openSqlite } from "./fixtures.ts";

const DAY_MS = 86_400_000;

/** The writer, beside which somebody does something before each of its transactions. */
function besideOf(writer: Kysely<Schema>, meanwhile: () => Promise<unknown>): Kysely<Schema> {
  return new Proxy(writer, {
    get(target, name) {
      if (name === "transaction") {
        return () => ({
          async execute(work: Parameters<ReturnType<typeof target.transaction>["execute"]>[0]) {
            await meanwhile();
            return await target.transaction().execute(work);
          },
        });
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

async function endedWhile(change: { settings_json?: string; status?: string; ended_at?: number }) {
  const { store, database: { writer }, close } = await openSqlite();
  const job = makeJob({ row: { mode: "take", settings: { prompt: "long", settings: { frames: 30 } } } });
  await store.admit([job]);
  await store.turn(
    job.id,
    behave(() => ({ shown: makeShown({ status: "completed", endedAt: Date.now() }) })),
  );
  const meanwhile = () => writer.updateTable("jobs").where("id", "=", job.id).set(change).execute();
  const ended = await endKeeping(besideOf(writer, meanwhile), { days: 7, now: Date.now() + 8 * DAY_MS });
  const { settings_json } = await writer.selectFrom("jobs").select("settings_json").executeTakeFirstOrThrow();
  const { prompt, take } = JSON.parse(settings_json);
  await close();
  return [ended, prompt, take?.keep];
}

Deno.test("a take that is cut while old pieces are let go keeps its new frames and words", async () => {
  const settings_json = JSON.stringify({ prompt: "short", settings: { frames: 10 }, take: { keep: true } });
  assertEquals(await endedWhile({ settings_json }), [1, "short", false]);
  assertEquals(await endedWhile({ settings_json, status: "executing" }), [0, "short", true]);
  assertEquals(await endedWhile({ settings_json, ended_at: Date.now() + 8 * DAY_MS }), [0, "short", true]);
});
