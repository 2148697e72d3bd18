/** How long what is kept, over HTTP: owners say it of their projects, operators of all, and a film tells what went of it. */
import { z } from "zod";
import { tellEvent } from "@/core/history.ts";
import { KEPT_KINDS } from "@/core/kept_kinds.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { expectProblem, makeJob, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Days = z.partialRecord(z.enum(KEPT_KINDS), z.number());
const Project = z.looseObject({ id: z.string(), name: z.string(), keep: Days, keepUsual: Days });
const Keeping = z.object({
  rules: Days,
  gone: z.array(z.looseObject({ kind: z.string(), bytes: z.number() })),
  projects: z.array(z.object({ id: z.string(), name: z.string(), owner: z.string(), keep: Days })),
});

Deno.test("owners say how long their project keeps what, and the studio's own days stand beside", async () => {
  const person = await signUpCreator(makeStudio());
  const { id } = await person.json(Project, 201, person.post("/projects", { name: "Harbour" }));
  const edit = (keep: unknown) => person.post(`/projects/${id}/edit`, { keep });
  const { keep, keepUsual, name } = await person.json(Project, 200, edit({ pieces: 0, drafts: 2.5 }));
  assertEquals([keep, keepUsual.pieces, name], [{ pieces: 0, drafts: 2.5 }, 30, "Harbour"]);
  assertEquals(await expectProblem(edit({ pieces: -1 }), 422, "request.invalid"), ["keep.pieces"]);
  assertEquals(await expectProblem(edit({ pieces: "soon" }), 422, "request.invalid"), ["keep.pieces"]);
  assertEquals(await expectProblem(edit({ scraps: 1 }), 422, "request.invalid"), ["keep.scraps"]);
  assertEquals((await person.json(Project, 200, edit({}))).keep, {});
});

Deno.test("operators see what would go and set the days of any project, which the audit log tells; others may not", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio);
  const { id } = await mika.json(Project, 201, mika.post("/projects", { name: "Harbour" }));
  const put = (who: typeof mika, of: string, body: unknown) =>
    who.send("PUT", `/admin/projects/${of}/keep`, { body });
  await expectProblem(put(mika, id, { pieces: 1 }), 403, "auth.operator_only");
  await expectProblem(mika.get("/admin/storage/keeping"), 403, "auth.operator_only");
  await expectProblem(put(operator, crypto.randomUUID(), { pieces: 1 }), 404, "request.not_found");
  assertEquals((await put(operator, id, { pieces: 3, films: 90 })).status, 204);
  const shown = await operator.json(Keeping, 200, operator.get("/admin/storage/keeping"));
  assertEquals([shown.rules.pieces, shown.gone[0]?.kind, shown.gone[0]?.bytes], [30, "pieces", 3e9]);
  assertEquals(shown.projects.map(({ name, keep }) => [name, keep]), [["Harbour", { pieces: 3, films: 90 }]]);
  const [entry] = studio.kept.audit;
  assertEquals([entry?.action, entry?.subject, entry?.before, entry?.after], [
    "project.keep",
    id,
    {},
    { pieces: 3, films: 90 },
  ]);
});

Deno.test("a film tells what was let go of it and what its parts took, and names no file that is not there", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await makeJob(person);
  const [row] = studio.kept.steps.get(id) ?? [];
  assert(row);
  const clip = { role: "clip", ord: 0, sha256: "a".repeat(64), ext: "mp4", bytes: 10 };
  const look = { ...clip, role: "preview", sha256: "b".repeat(64), ext: "jpg" };
  studio.kept.steps.set(id, [{ ...row, state: "done", outputs: [clip, look] }]);
  studio.kept.files.set(`${look.sha256}.jpg`, new Uint8Array(1));
  const Detail = z.looseObject({
    letGo: z.object({ at: z.string(), files: z.int(), bytes: z.number(), seconds: z.number() }).nullable(),
    steps: z.array(z.looseObject({ files: z.array(z.looseObject({ role: z.string() })) })),
  });
  const read = async () => {
    const { letGo, steps } = await person.json(Detail, 200, person.get(`/jobs/${id}`));
    return [letGo, steps[0]?.files.map(({ role }) => role)];
  };
  assertEquals(await read(), [null, ["clip", "preview"]]);
  const told = tellEvent("pieces.dropped", { days: 7, files: 3, bytes: 30, seconds: 600 });
  const at = Date.UTC(2026, 10, 1);
  studio.kept.events.push({
    seq: 99,
    jobId: id,
    at,
    kind: told.kind,
    message: told.message,
    body: told.body ?? {},
  });
  assertEquals(await read(), [{ at: new Date(at).toISOString(), files: 3, bytes: 30, seconds: 600 }, [
    "preview",
  ]]);
});
