/** Pieces of old takes are let go by what a take is at that moment, not by what it was when the look at all began. */
import type { Kysely } from "kysely";
import { sweepKept } from "@/db/keeping.ts";
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
  const piece = { effect_id: "e", node: "1", ord: 0, actor_id: job.id, token: 1, created_at: 1 };
  await writer.insertInto("output").values({ ...piece, sha256: "0", ext: "mkv", bytes: 1, role: "clip" })
    .execute();
  const meanwhile = () => writer.updateTable("jobs").where("id", "=", job.id).set(change).execute();
  const rules = { pieces: 7, latents: 0, failed: 0, drafts: 0, uploads: 0, films: 0 };
  const of = { writer: besideOf(writer, meanwhile), reader: writer };
  const ended = (await sweepKept(of, { rules, youngerMs: -8 * DAY_MS })).length;
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
