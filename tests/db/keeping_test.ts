/** What is let go by kind and by project: exactly what was told before, with its history and one entry in the audit log. */
import type { KeepRules, OwnRules } from "@/core/kept_kinds.ts";
import { createUser } from "@/db/accounts.ts";
import { createAsset, setAssetContent } from "@/db/assets.ts";
import { listAudit } from "@/db/audit.ts";
import { restoreJob } from "@/db/jobs.ts";
import { listKeptProjects, lookAtKept, sweepKept } from "@/db/keeping.ts";
import { changeProject, createProject } from "@/db/projects.ts";
import { readStored } from "@/db/queries/mod.ts";
import { createShare } from "@/db/shares.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { behave, makeJob, makeShown, newId, openSqlite, sha } from "./fixtures.ts";

const DAY_MS = 86_400_000;
const NEVER: KeepRules = { pieces: 0, latents: 0, failed: 0, drafts: 0, uploads: 0, films: 0 };
const NOTHING = { thing: null, personId: null, subject: null, from: null, until: null };

interface Film {
  name: string;
  days: number;
  status?: string;
  engine?: "draft" | "comfy";
  mark?: number;
  projectId?: string;
}

async function open() {
  const time = { now: Date.UTC(2026, 10, 1) };
  const opened = await openSqlite(":memory:", { now: () => time.now });
  const { writer } = opened.database;
  const ownerId = newId();
  await createUser(writer, { id: ownerId, email: "ada@example.org", passwordHash: "h" });
  const both = { writer, reader: writer };
  return {
    ...opened,
    time,
    writer,
    ownerId,
    look: (rules: Partial<KeepRules>) => lookAtKept(writer, { rules: { ...NEVER, ...rules }, youngerMs: 0 }),
    sweep: (rules: Partial<KeepRules>, youngerMs = 0) =>
      sweepKept(both, { rules: { ...NEVER, ...rules }, youngerMs }),
    /** A film with a clip of 10 bytes, a latent of 100, and a result of 1000, which ended so many days ago. */
    async film({ name, days, status = "completed", engine = "comfy", mark = 0, projectId }: Film) {
      const job = makeJob({ userId: ownerId });
      await opened.store.admit([job]);
      const at = time.now - days * DAY_MS;
      const result = {
        run: 1,
        ord: 0,
        type: "film",
        file: `${sha(`${name} film`)}.mp4`,
        poster: null,
        metadata: {},
      };
      const shown = makeShown({ status, endedAt: at });
      const outputs = status === "completed" ? [result] : [];
      await opened.store.turn(job.id, behave(() => ({ shown, outputs })));
      await writer.updateTable("jobs").where("id", "=", job.id)
        .set({ ended_at: at, updated_at: at, engine, mark, project_id: projectId ?? null }).execute();
      const row = { node: "1", ord: 0, actor_id: job.id, token: 1, ext: "mp4", created_at: at };
      for (const [role, bytes] of [["clip", 10], ["latent", 100], ["film", 1000]] as const) {
        await writer.insertInto("output")
          .values({ ...row, effect_id: `${name} ${role}`, sha256: sha(`${name} ${role}`), bytes, role })
          .execute();
      }
      return job.id;
    },
    async upload(days: number) {
      const assetId = newId();
      await createAsset(writer, { id: assetId, ownerId, type: "image", filename: "a.png" });
      const content = { sha256: sha(assetId), ext: "png", bytes: 7, mimeType: "image/png" };
      await setAssetContent(writer, { ownerId, assetId, content });
      const at = time.now - days * DAY_MS;
      await writer.updateTable("assets").where("id", "=", assetId).set({ created_at: at, updated_at: at })
        .execute();
      return assetId;
    },
    async project(keep: OwnRules) {
      const id = newId();
      const made = { userId: ownerId, name: "Harbour", description: "", createdAt: 1, updatedAt: 1 };
      await createProject(writer, { id, ...made });
      await changeProject(writer, { ownerId, projectId: id, change: { keep } });
      return id;
    },
    /** Roles that are left of a film. */
    async left(jobId: string) {
      const rows = await writer.selectFrom("output").where("actor_id", "=", jobId).select("role").execute();
      return rows.map(({ role }) => role).sort().join(" ");
    },
    async trashed() {
      const jobs = await writer.selectFrom("jobs").where("deleted_at", "is not", null).select("id").execute();
      return jobs.map(({ id }) => id);
    },
    audit: () => listAudit(writer, NOTHING, { before: null, limit: 10 }),
  };
}

Deno.test("what goes is what was told before, each kind after its own days; finished films stay unless it was said", async () => {
  const studio = await open();
  const old = await studio.film({ name: "old", days: 40 });
  const middle = await studio.film({ name: "middle", days: 10 });
  const young = await studio.film({ name: "young", days: 1 });
  const failed = await studio.film({ name: "failed", days: 10, status: "failed" });
  const draft = await studio.film({ name: "draft", days: 10, engine: "draft" });
  const starred = await studio.film({ name: "starred", days: 10, engine: "draft", mark: 1 });
  const unused = await studio.upload(10);
  const rules = { pieces: 30, latents: 7, failed: 7, drafts: 7, uploads: 7 };
  assertEquals(await studio.look({}), []);
  const told = await studio.look(rules);
  assertEquals(told, [
    { kind: "pieces", things: 1, files: 2, bytes: 110 },
    // Of the middle film and both drafts.
    { kind: "latents", things: 3, files: 3, bytes: 300 },
    { kind: "failed", things: 1, files: 3, bytes: 1110 },
    { kind: "drafts", things: 1, files: 1, bytes: 1000 },
    { kind: "uploads", things: 1, files: 1, bytes: 7 },
  ]);
  assertEquals(await studio.left(old), "clip film latent", "a look lets nothing go");
  assertEquals(await studio.sweep(rules), told);
  assertEquals(await Promise.all([old, middle, young, failed].map(studio.left)), [
    "film",
    "clip film",
    "clip film latent",
    "",
  ]);
  assertEquals(await studio.trashed(), [draft]);
  assertEquals(await studio.left(starred), "clip film");
  const asset = await studio.writer.selectFrom("assets").where("id", "=", unused).select("deleted_at")
    .executeTakeFirstOrThrow();
  assert(asset.deleted_at !== null);
  assertEquals([await studio.look(rules), await studio.sweep(rules)], [[], []]);
  await studio.close();
});

Deno.test("one entry in the audit log tells what a sweep let go, and the history of each film what went of it", async () => {
  const studio = await open();
  const film = await studio.film({ name: "old", days: 10 });
  await studio.film({ name: "other", days: 10 });
  await studio.sweep({ pieces: 7 });
  await studio.sweep({ pieces: 7 });
  const entries = await studio.audit();
  assertEquals(
    entries.map(({ action, byStudio, person, before, after }) => [action, byStudio, person, before, after]),
    [
      ["storage.sweep", true, null, null, { "pieces things": 2, "pieces files": 4, "pieces bytes": 220 }],
    ],
  );
  const events = await studio.writer.selectFrom("event").where("actor_id", "=", film)
    .where("kind", "=", "pieces.dropped").select(["message", "ver"]).execute();
  assertEquals(events.map(({ message }) => message), [
    "2 files of its parts (110 B) went 7 days after the end, as this studio is set. The film stays.",
  ]);
  const actor = await studio.writer.selectFrom("actor").where("id", "=", film).select("ver")
    .executeTakeFirst();
  assertEquals(events[0]?.ver, actor?.ver, "whoever holds the job as it was must look again");
  await studio.close();
});

Deno.test("a project keeps things longer or shorter than the studio, and may keep them for good", async () => {
  const studio = await open();
  const [short, forever] = [
    await studio.project({ pieces: 3 }),
    await studio.project({ pieces: 0, films: 5 }),
  ];
  const loose = await studio.film({ name: "loose", days: 5 });
  const inShort = await studio.film({ name: "short", days: 5, projectId: short });
  const inForever = await studio.film({ name: "forever", days: 50, projectId: forever });
  assertEquals((await studio.sweep({ pieces: 7 })).map(({ kind, things }) => [kind, things]), [
    ["pieces", 1],
    ["films", 1],
  ]);
  assertEquals([await studio.left(loose), await studio.left(inShort), await studio.left(inForever)], [
    "clip film latent",
    "film",
    "clip film latent",
  ]);
  assertEquals(await studio.trashed(), [inForever]);
  const kept = (await listKeptProjects(studio.writer)).map(({ id, owner, keep }) => [id, owner, keep]);
  assertEquals(
    new Set(kept.map(String)),
    new Set([
      String([short, "ada@example.org", { pieces: 3 }]),
      String([forever, "ada@example.org", { pieces: 0, films: 5 }]),
    ]),
  );
  await studio.close();
});

Deno.test("what was taken back from the trash stays, and so does a film that a link shows", async () => {
  const studio = await open();
  const { writer, ownerId, time } = studio;
  const [back, shared] = [
    await studio.film({ name: "a", days: 10 }),
    await studio.film({ name: "b", days: 10 }),
  ];
  const { id: outputId } = await writer.selectFrom("job_outputs").where("job_id", "=", shared).select("id")
    .executeTakeFirstOrThrow();
  const link = { id: newId(), userId: ownerId, jobId: shared, outputId, createdAt: 1, revokedAt: null };
  await createShare(writer, { ...link, expiresAt: time.now + DAY_MS }, "hash");
  await studio.sweep({ films: 7 });
  assertEquals(await studio.trashed(), [back]);
  assertEquals(await restoreJob(writer, { ownerId, jobId: back }), true);
  time.now += 2 * DAY_MS;
  await studio.sweep({ films: 7 });
  assertEquals(await studio.trashed(), [shared], "the link has run out");
  await studio.close();
});

Deno.test("storage tells of films as films after their pieces went, and of the room that is there then", async () => {
  const studio = await open();
  await studio.film({ name: "old", days: 10 });
  const sums = async () =>
    Object.fromEntries((await readStored(studio.writer)).kinds.map(({ kind, bytes }) => [kind, bytes]));
  assertEquals(await sums(), { films: 1000, pieces: 110 });
  await studio.sweep({ pieces: 7 });
  assertEquals(await sums(), { films: 1000 });
  await studio.close();
});

Deno.test("while the clock is not believed, nothing goes for being old", async () => {
  const studio = await open();
  await studio.film({ name: "young", days: 1 });
  studio.time.now += 30 * DAY_MS;
  assertEquals(await studio.sweep({ pieces: 7 }, 30 * DAY_MS), []);
  assertEquals((await studio.sweep({ pieces: 7 })).length, 1);
  await studio.close();
});
