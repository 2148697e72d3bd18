/** Projects over HTTP: made once, read, renamed, described and deleted, by their owner alone. */
import { z } from "zod";
import { assertEquals } from "@/tests/assert.ts";
import { expectProblem, makeJob, type Person, signUpCreator, upload } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Project = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  films: z.int(),
  files: z.int(),
  coverUrl: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

const make = (person: Person, body: Record<string, unknown>) =>
  person.json(Project, 201, person.post("/projects", body));

Deno.test("a project is made, read, renamed and described; what was left out stays", async () => {
  const person = await signUpCreator(makeStudio());
  const made = await make(person, { name: "  Harbour  ", description: "Five shots at dusk." });
  assertEquals([made.name, made.films, made.files, made.coverUrl], ["Harbour", 0, 0, null]);
  assertEquals(await person.json(Project, 200, person.get(`/projects/${made.id}`)), made);
  const renamed = await person.json(Project, 200, person.post(`/projects/${made.id}/edit`, { name: "Quay" }));
  assertEquals([renamed.name, renamed.description], ["Quay", "Five shots at dusk."]);
  await person.json(Project, 200, person.post(`/projects/${made.id}/edit`, { description: "" }));
  const List = z.object({ items: z.array(Project), next: z.null() });
  assertEquals((await person.json(List, 200, person.get("/projects"))).items.map(({ name }) => name), [
    "Quay",
  ]);
});

Deno.test("the same Idempotency-Key makes one project", async () => {
  const person = await signUpCreator(makeStudio());
  const once = () => person.post("/projects", { name: "Harbour" }, { "idempotency-key": "click-1" });
  const first = await person.json(Project, 201, once());
  assertEquals((await person.json(Project, 201, once())).id, first.id);
});

Deno.test("a project needs a name, and knows no other fields", async () => {
  const person = await signUpCreator(makeStudio());
  const refuse = (body: unknown) => expectProblem(person.post("/projects", body), 422, "request.invalid");
  assertEquals(await refuse({}), ["name"]);
  assertEquals(await refuse({ name: "   " }), ["name"]);
  assertEquals(await refuse({ name: "x".repeat(121) }), ["name"]);
  assertEquals(await refuse({ name: "a", description: "x".repeat(4001) }), ["description"]);
  assertEquals(await refuse({ name: "a", colour: "red" }), ["colour"]);
});

Deno.test("films and files move in and out of a project, and stay when it is deleted", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const { id } = await make(person, { name: "Harbour" });
  const [film, file] = [await makeJob(person), await upload(person, "png", { mark: 5 })];
  const move = (projectId: string | null) =>
    person.post("/library/move", { projectId, films: [film], files: [file] });
  assertEquals((await move(id)).status, 200);
  const inside = await person.json(Project, 200, person.get(`/projects/${id}`));
  assertEquals([inside.films, inside.files], [1, 1]);
  assertEquals((await move(null)).status, 200);
  assertEquals((await person.json(Project, 200, person.get(`/projects/${id}`))).films, 0);
  await move(id);
  assertEquals((await person.send("DELETE", `/projects/${id}`)).status, 204);
  await expectProblem(person.get(`/projects/${id}`), 404, "request.not_found");
  assertEquals([studio.kept.jobs.get(film)?.projectId, studio.kept.assets.get(file)?.projectId], [
    null,
    null,
  ]);
});

Deno.test("another person gets 404 for every address of a project [XC11]", async () => {
  const studio = makeStudio();
  const { id } = await make(await signUpCreator(studio), { name: "Harbour" });
  const other = await signUpCreator(studio, "other@example.org");
  await expectProblem(other.get(`/projects/${id}`), 404, "request.not_found");
  await expectProblem(other.post(`/projects/${id}/edit`, { name: "Mine" }), 404, "request.not_found");
  await expectProblem(other.send("DELETE", `/projects/${id}`), 404, "request.not_found");
  assertEquals(
    (await other.json(z.object({ items: z.array(Project) }), 200, other.get("/projects"))).items,
    [],
  );
  assertEquals(studio.kept.projects.get(id)?.name, "Harbour");
});
