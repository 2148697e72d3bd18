/** What every store does with mail. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { behave, makeJob, newId, tell } from "../fixtures.ts";
import type { Rules } from "./harness.ts";

const LONG_MS = 600_000;

export const mailRules: Rules = {
  "a cause told twice is one mail, also after it was read": async ({ store }) => {
    const job = makeJob();
    await store.admit([job]);
    await store.post([tell(job.id, "start"), tell(job.id, "start")]);
    const kinds: string[] = [];
    const turn = () => store.turn(job.id, behave(({ mail }) => (kinds.push(...mail.map((m) => m.kind)), {})));
    await turn();
    await store.post([tell(job.id, "start")]);
    assertEquals(await turn(), null);
    assertEquals(kinds, ["start"]);
  },

  "mail is read in the order in which it came, at most 32 in a turn": async ({ store }) => {
    const job = makeJob({ mail: [] });
    await store.admit([job]);
    await store.post(Array.from({ length: 40 }, (_, at) => tell(job.id, `note-${at}`)));
    const read: string[][] = [];
    const turn = () =>
      store.turn(job.id, behave(({ mail }) => (read.push(mail.map((item) => item.kind)), {})));
    assertEquals((await turn())?.more, true);
    assertEquals((await turn())?.more, false);
    assertEquals(read.map((kinds) => kinds.length), [32, 8]);
    assertEquals(read.flat(), Array.from({ length: 40 }, (_, at) => `note-${at}`));
  },

  "delayed mail is not seen before its time": async ({ store, pass }) => {
    const job = makeJob({ mail: [] });
    await store.admit([job]);
    await store.post([tell(job.id, "far", { delayMs: LONG_MS }), tell(job.id, "soon", { delayMs: 40 })]);
    const wait = await store.nextDueIn();
    assert(wait !== null && wait <= 40);
    await pass(40);
    assertEquals(await store.dueActors(10), [job.id]);
    const seen: string[] = [];
    const report = await store.turn(
      job.id,
      behave(({ mail }) => (seen.push(...mail.map((m) => m.kind)), {})),
    );
    assertEquals([seen, report?.handled, report?.more], [["soon"], 1, false]);
    assertEquals(await store.dueActors(10), []);
    assert((await store.nextDueIn() ?? 0) > LONG_MS / 2);
  },

  "mail put off comes again after its delay with one more attempt": async ({ store, pass }) => {
    const job = makeJob();
    await store.admit([job]);
    const late = behave(({ mail }) => ({
      fates: mail.map(({ seq }) => ({ seq, fate: "later", delayMs: 20, error: "busy" })),
    }));
    assertEquals((await store.turn(job.id, late))?.more, false);
    await pass(20);
    const attempts: number[] = [];
    await store.turn(job.id, behave(({ mail }) => (attempts.push(...mail.map((m) => m.attempts)), {})));
    assertEquals(attempts, [1]);
  },

  "poison becomes a dead letter and does not stand in the way of other mail": async ({ store }) => {
    const job = makeJob({ mail: [] });
    await store.admit([job]);
    await store.post([tell(job.id, "poison"), tell(job.id, "good")]);
    const report = await store.turn(
      job.id,
      behave(({ mail }) => ({
        fates: mail.map(({ seq, kind }) =>
          kind === "poison" ? { seq, fate: "dead", error: "cannot be read" } : { seq, fate: "done" }
        ),
      })),
    );
    assertEquals([report?.handled, report?.more], [2, false]);
    const { deadletters, mail } = await store.inspect();
    assertEquals(deadletters.map(({ id, error }) => [id, error]), [[`${job.id}:poison`, "cannot be read"]]);
    assertEquals(mail.filter((item) => item.doneAt === null), []);
  },

  "mail that a turn does not decide on is read again by the next": async ({ store }) => {
    const job = makeJob({ mail: [] });
    await store.admit([job]);
    await store.post([tell(job.id, "a"), tell(job.id, "b")]);
    const firstOnly = behave(({ mail }) => ({
      fates: mail.slice(0, 1).map(({ seq }) => ({ seq, fate: "done" })),
    }));
    const report = await store.turn(job.id, firstOnly);
    assertEquals([report?.handled, report?.more], [1, true]);
    assertEquals((await store.turn(job.id, firstOnly))?.more, false);
  },

  "mail to nobody becomes a dead letter and wakes nobody": async ({ store }) => {
    await store.post([tell(newId(), "hello")]);
    const { deadletters, mail } = await store.inspect();
    assertEquals([deadletters.length, mail.length], [1, 0]);
    assertEquals(await store.nextDueIn(), null);
  },
};
