/** The contract as a whole: the OpenAPI document, health, the operators' routes, and what creators never see. */
import { z } from "zod";
import { makeApi } from "@/api/mod.ts";
import { problem } from "@/core/problem.ts";
import type { HealthNote } from "@/core/studio.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { expectProblem, makeJob, Person, signUp, signUpCreator, upload } from "./client.ts";
import { CANARY, changeJob } from "./fake_jobs.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";

const Document = z.object({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.unknown()) })),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

async function readDocument(studio: FakeStudio) {
  const stranger = new Person(studio);
  return await stranger.json(Document, 200, stranger.get("/openapi.json"));
}

Deno.test("[AX43] every route of the API stands in the OpenAPI document, grouped, with its answers", async () => {
  const document = await readDocument(makeStudio());
  assertEquals(document.openapi, "3.1.0");
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  ).sort();
  const real = makeApi().routes.filter(({ method, path }) =>
    method !== "ALL" && !path.endsWith("/openapi.json")
  )
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  assertEquals(documented, [...new Set(real)].sort());
  for (const group of ["auth", "assets", "jobs", "admin"]) {
    assert(documented.some((route) => route.includes(`/api/${group}/`)), group);
  }
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, route] of Object.entries(methods)) {
      const good = Object.keys(route.responses).filter((status) => status.startsWith("2"));
      assert(good.length > 0, `${method} ${path} says no good answer`);
      assert("401" in route.responses, `${method} ${path} says no refusal`);
    }
  }
});

Deno.test("the document describes request bodies with the very bounds that are enforced", async () => {
  const { components } = await readDocument(makeStudio());
  const text = JSON.stringify(components.schemas);
  for (
    const part of [
      "AnimateJob",
      "AudioJob",
      '"maxLength":8000',
      '"enum":["move","mix"]',
      '"additionalProperties":false',
    ]
  ) {
    assert(text.includes(part), part);
  }
});

Deno.test("[XC18] health tells each part, within five seconds even when parts are silent, broken or slow", async () => {
  const studio = makeStudio();
  const aborted: string[] = [];
  const silent = (name: string) => (signal: AbortSignal) =>
    new Promise<HealthNote>(() => signal.addEventListener("abort", () => aborted.push(name)));
  studio.health = {
    db: () => Promise.resolve({ state: "ok" }),
    kv: silent("kv"),
    comfy: silent("comfy"),
    storage: () => Promise.resolve({ state: "ok" }),
    media: () => Promise.reject(new Error("no ffmpeg at /usr/bin")),
    anthropic: () => Promise.resolve({ state: "not_configured" }),
  };
  const asked = new Person(studio).get("/health");
  while (studio.clock.sleeping < 2) await new Promise((resolve) => setTimeout(resolve, 0));
  studio.clock.advance(4999);
  const answer = await asked;
  assertEquals(answer.status, 200);
  assertEquals(await answer.json(), {
    status: "degraded",
    maintenance: null,
    parts: {
      db: { state: "ok" },
      kv: { state: "down" },
      comfy: { state: "down" },
      storage: { state: "ok" },
      media: { state: "down" },
      anthropic: { state: "not_configured" },
    },
  });
  assertEquals(aborted.sort(), ["comfy", "kv"]);
  assertEquals(studio.clock.sleeping, 0);
});

Deno.test("health answers 503 when the database is down, and tells reasons to operators alone", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  studio.health.db = () => Promise.resolve({ state: "down", note: "locked" });
  const Parts = z.object({
    status: z.string(),
    parts: z.object({ db: z.looseObject({ state: z.string() }) }),
  });
  const told = await operator.json(Parts, 503, operator.get("/health"));
  assertEquals([told.status, told.parts.db.note], ["down", "locked"]);
  const stranger = new Person(studio);
  assertEquals((await stranger.json(Parts, 503, stranger.get("/health"))).parts.db, { state: "down" });
});

Deno.test("[AX37] the queue is for operators, and 403 for others", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const creator = await signUpCreator(studio);
  const Queue = z.object({
    waiting: z.int(),
    backends: z.array(
      z.looseObject({
        running: z.array(z.string()),
        pending: z.array(z.string()),
        slots: z.array(z.looseObject({ since: z.iso.datetime() })),
      }),
    ),
  });
  const queue = await operator.json(Queue, 200, operator.get("/admin/queue"));
  assertEquals([queue.waiting, queue.backends[0]?.running, queue.backends[0]?.pending], [1, ["p1"], ["p2"]]);
  const routes = [
    ["GET", "/queue"],
    ["GET", "/backends"],
    ["GET", "/backends/b1/lacks"],
    ["GET", "/line"],
    ["GET", "/house"],
    ["GET", "/actors"],
    ["GET", "/dead-letters"],
    ["POST", "/backends/b1/drain"],
    ["POST", "/dead-letters/letter/drop"],
    ["GET", "/nonsense"],
  ] as const;
  for (const [method, path] of routes) {
    await expectProblem(creator.send(method, `/admin${path}`), 403, "auth.operator_only");
    const answer = await operator.send(method, `/admin${path}`);
    assertEquals(answer.status, path === "/nonsense" ? 404 : method === "GET" ? 200 : 204, path);
    await answer.body?.cancel();
  }
  await expectProblem(operator.post("/admin/backends/unknown/up"), 404, "request.not_found");
});

Deno.test("[AX36] no address that a creator can reach tells of nodes, classes or graphs", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const creator = await signUpCreator(studio);
  const id = await makeJob(creator);
  poison(studio, id);
  const asset = await upload(creator, "png");
  const { paths } = await readDocument(studio);
  const fill = (path: string) =>
    path.replace(/^\/api/, "").replace("/assets/{id}", `/assets/${asset}`).replace(
      "/jobs/{id}",
      `/jobs/${id}`,
    )
      .replace("{output}", "o1").replace("{step}", "render").replace("{take}", "0").replace("{role}", "film")
      .replace("{ord}", "0").replace("{id}", "b1").replace("{act}", "drain");
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path] as const)
  );
  let read = 0;
  for (const [method, path] of routes.sort(([a]) => a === "GET" ? -1 : 1)) {
    if (path.startsWith("/api/auth")) continue;
    const answer = await creator.send(
      method,
      fill(path),
      method === "GET" ? {} : { body: { name: "x.png" } },
    );
    const text = await readSome(answer);
    assert(
      !/KSampler|class_type|309:298|secret-prompt|"values"|gpu\.internal/.test(text),
      `${method} ${path}: ${text}`,
    );
    read++;
  }
  assert(read > 25, `${read} routes`);
  const seen = await (await operator.get("/admin/queue")).text();
  assert(seen.includes("b1"));
});

/** Puts operators' text into everything that the studio stores of a job. */
function poison(studio: FakeStudio, id: string): void {
  const bad = problem("comfy.rejected", { operator: CANARY });
  changeJob(studio.kept, id, { problem: bad, status: "failed" });
  const rows = studio.kept.steps.get(id) ?? [];
  const poisoned = { problem: bad, promptId: "secret-prompt", backendId: "gpu.internal", digest: "KSampler" };
  studio.kept.steps.set(id, rows.map((row) => ({ ...row, ...poisoned })));
  const output = { id: "o1", type: "video", file: "film.mp4", poster: "film.png", createdAt: 0 };
  studio.kept.outputs.set(id, [{ ...output, metadata: { workflow: CANARY } }]);
  studio.kept.files.set("film.mp4", new Uint8Array(3));
  studio.kept.files.set("film.png", new Uint8Array(3));
  const body = {
    status: "failed",
    problem: bad,
    node: CANARY,
    promptId: "secret-prompt",
    graph: { "3": { class_type: "KSampler" } },
  };
  studio.happen({ jobId: id, kind: "failed", message: "The render server refused this job.", body });
}

/** A stream is read as far as its first block; it never ends by itself. */
async function readSome(answer: Response): Promise<string> {
  if (!answer.headers.get("content-type")?.startsWith("text/event-stream")) return await answer.text();
  assert(answer.body);
  const reader = answer.body.getReader();
  let text = "";
  while (!text.includes("snapshot")) text += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  return text;
}

Deno.test("operators see what creators do not: the far side's own words", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const id = await makeJob(operator);
  poison(studio, id);
  assert((await (await operator.get(`/jobs/${id}`)).text()).includes("KSamplerAdvanced"));
});

Deno.test("a bug of ours is answered without a stack and logged with one", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  studio.jobs.list = () => Promise.reject(new TypeError("cannot read x of undefined"));
  const answer = await person.get("/jobs");
  const text = await answer.text();
  assertEquals(answer.status, 500);
  assert(!text.includes("cannot read x"));
  assert(studio.kept.logs.some((line) => line.includes("cannot read x") && line.includes(".ts")));
});

Deno.test("a known address names the methods that it takes, an unknown one is not found", async () => {
  const person = await signUpCreator(makeStudio());
  await expectProblem(person.get("/nothing"), 404, "request.not_found");
  const cases = [
    ["DELETE", "/jobs", "GET, HEAD, POST"],
    ["PATCH", "/jobs/any", "GET, HEAD"],
    ["GET", "/auth/login", "POST"],
    ["PUT", "/assets/any/file", "GET, HEAD"],
    ["GET", "/assets/any/content", "PUT"],
    ["POST", "/openapi.json", "GET, HEAD"],
  ];
  for (const [method = "", path = "", allowed] of cases) {
    const answer = await person.send(method, path);
    assertEquals([method, path, answer.headers.get("allow")], [method, path, allowed]);
    await expectProblem(Promise.resolve(answer), 405, "request.method");
  }
  await expectProblem(person.get("/jobs/not-an-id"), 404, "request.not_found");
});
