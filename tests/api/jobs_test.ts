/** Jobs over HTTP: what may be asked for, what is refused, lists and details. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { animateBody, expectProblem, makeJob, signUpCreator, upload } from "./client.ts";
import { CANARY, changeJob } from "./fake_jobs.ts";
import { limitsOf } from "./fake_quotas.ts";
import { makeStudio } from "./fake_studio.ts";

const Job = z.looseObject({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  settings: z.looseObject({ seed: z.string() }),
});
const Created = z.object({ items: z.array(Job), batchId: z.string().nullable() });

Deno.test("a job is accepted with its files by id, and its first mail is posted with it", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const { items } = await person.json(Created, 202, person.post("/jobs", await animateBody(person)));
  assertEquals([items.length, items[0]?.status, items[0]?.title], [
    1,
    "created",
    "Mika walks along the harbour",
  ]);
  const id = items[0]?.id ?? "";
  assertEquals(studio.kept.mail.map((mail) => [mail.to, mail.body]), [[id, { type: "start" }]]);
  assertEquals(studio.kept.steps.get(id)?.map((row) => [row.id, row.state]), [["render", "pending"], [
    "join",
    "pending",
  ]]);
});

Deno.test("[XC22] the largest 64-bit seed comes back as it was sent", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const seed = "18446744073709551615";
  const body = { ...await animateBody(person), settings: { seed } };
  const { items } = await person.json(Created, 202, person.post("/jobs", body));
  assertEquals(items[0]?.settings.seed, seed);
  const tooLarge = { ...body, settings: { seed: "18446744073709551616" } };
  assertEquals(await expectProblem(person.post("/jobs", tooLarge), 422, "request.invalid"), [
    "settings.seed",
  ]);
});

Deno.test("[AX10] [AX11] [AX12] [AX16] every kind of bad job is refused by the paths of its fields, and nothing is stored", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const good = await animateBody(person);
  const audioId = await upload(person, "wav");
  const inputs = z.object({ groundTruth: z.string(), motionVideo: z.string() }).parse(good.assets);
  const { groundTruth, motionVideo } = inputs;
  const other = await signUpCreator(studio, "other@example.org");
  const foreign = await upload(other, "png");
  const empty =
    (await person.json(z.object({ id: z.string() }), 201, person.post("/assets", { name: "x.png" }))).id;
  const unknown = "019a0000-0000-7000-8000-00000000ffff";
  const withInput = (change: Record<string, unknown>) => ({ ...good, assets: { ...inputs, ...change } });
  const withSettings = (settings: Record<string, unknown>) => ({ ...good, settings });
  const audio = { mode: "audio", prompt: "She sings", assets: { groundTruth, audio: audioId } };
  const invalid = "request.invalid";
  const cases: [string, unknown, string, string[]][] = [
    ["no mode", { prompt: "x" }, invalid, ["mode"]],
    ["unknown mode", { ...good, mode: "paint" }, invalid, ["mode"]],
    ["animate without submode", { ...good, submode: undefined }, invalid, ["submode"]],
    ["animate with a wrong submode", { ...good, submode: "fly" }, invalid, ["submode"]],
    ["audio with submode", { ...audio, submode: "move" }, invalid, ["submode"]],
    ["no picture", withInput({ groundTruth: undefined }), invalid, ["assets.groundTruth"]],
    ["audio without picture", { ...audio, assets: { audio: audioId } }, invalid, ["assets.groundTruth"]],
    ["no motion", withInput({ motionVideo: undefined }), invalid, ["assets.motionVideo"]],
    ["no sound", { ...audio, assets: { groundTruth } }, invalid, ["assets.audio"]],
    ["first and last frame", withInput({ lastFrame: groundTruth }), invalid, ["assets.lastFrame"]],
    ["unknown field", { ...good, cfg: 7 }, invalid, ["cfg"]],
    ["an id that is none", withInput({ groundTruth: "../etc" }), invalid, ["assets.groundTruth"]],
    ["unknown asset", withInput({ groundTruth: unknown }), "asset.missing", ["assets.groundTruth"]],
    ["foreign asset", withInput({ groundTruth: foreign }), "asset.missing", ["assets.groundTruth"]],
    ["asset without content", withInput({ groundTruth: empty }), "asset.missing", ["assets.groundTruth"]],
    ["wrong kind", withInput({ groundTruth: audioId }), "asset.wrong_kind", ["assets.groundTruth"]],
    ["wrong kind of reference", withInput({ references: [groundTruth, audioId] }), "asset.wrong_kind", [
      "assets.references.1",
    ]],
    ["wrong kind of pose sheet", withInput({ poseSheet: motionVideo }), "asset.wrong_kind", [
      "assets.poseSheet",
    ]],
    ["too many references", withInput({ references: Array(4).fill(groundTruth) }), invalid, [
      "assets.references",
    ]],
    ["prompt of a megabyte", { ...good, prompt: "x".repeat(1_048_576) }, invalid, ["prompt"]],
    ["prompt of spaces", { ...good, prompt: " \n\t " }, invalid, ["prompt"]],
    ["prompt with control groundTruths", { ...good, prompt: "a\u0000b" }, invalid, ["prompt"]],
    ["prompt with half a groundTruth", { ...good, prompt: "a\ud800b" }, invalid, ["prompt"]],
    ["no prompt", { ...good, prompt: undefined }, invalid, ["prompt"]],
    ["negative prompt with control groundTruths", { ...good, negativePrompt: "\u001b[2J" }, invalid, [
      "negativePrompt",
    ]],
    ["width of nothing", withSettings({ width: 0, height: 480 }), invalid, ["settings.width"]],
    ["height of a wall", withSettings({ width: 480, height: 100_000 }), invalid, ["settings.height"]],
    ["a rate that no template has", withSettings({ frameRate: 25 }), invalid, ["settings.frameRate"]],
    ["a priority beyond all", withSettings({ priority: 101 }), invalid, ["settings.priority"]],
    ["half a pixel", withSettings({ width: 480.5, height: 480 }), invalid, ["settings.width"]],
    ["no length", withSettings({ seconds: 0 }), invalid, ["settings.seconds"]],
    ["two lengths", withSettings({ seconds: 1, frames: 16 }), invalid, ["settings.frames"]],
    ["longer than the studio allows", withSettings({ seconds: 61 }), "job.too_long", ["settings.seconds"]],
    ["more frames than the studio allows", withSettings({ frames: 999_999 }), "job.too_long", [
      "settings.frames",
    ]],
    ["seed as a number", withSettings({ seed: 1 }), invalid, ["settings.seed"]],
    ["negative seed", withSettings({ seed: "-1" }), invalid, ["settings.seed"]],
    ["unknown setting", withSettings({ cfg: 1 }), invalid, ["settings.cfg"]],
    ["too many at once", { ...good, count: 17 }, invalid, ["count"]],
    ["a list", [good], invalid, [""]],
  ];
  for (const [name, body, code, fields] of cases) {
    const paths = await expectProblem(person.post("/jobs", body), 422, code);
    assertEquals([name, paths], [name, fields]);
  }
  assertEquals(studio.kept.jobs.size, 0);
  assertEquals(studio.kept.mail, []);
});

Deno.test("refusals are said in words for people, not in those of the schema library", async () => {
  const person = await signUpCreator(makeStudio());
  const good = await animateBody(person);
  const inputs = z.record(z.string(), z.string()).parse(good.assets);
  const cases: [unknown, string][] = [
    [{ ...good, settings: { width: 63 } }, "must be at least 64"],
    [{ ...good, settings: { width: "64" } }, "must be a number"],
    [{ ...good, settings: { width: 64.5 } }, "must be a whole number"],
    [{ ...good, settings: { seed: 5 } }, "must be a whole number as text"],
    [{ ...good, settings: { retries: 11 } }, "must be at most 10"],
    [{ ...good, assets: undefined }, "is required"],
    [{ ...good, assets: { ...inputs, groundTruth: "nonsense" } }, "must be the id of an uploaded asset"],
    [{ ...good, assets: { ...inputs, groundTruth: undefined } }, "is required: a picture of the character"],
    [{ ...good, start: "no" }, "must be true or false"],
    ["text", "The request must be a JSON object."],
  ];
  const Said = z.object({ fields: z.array(z.object({ message: z.string() })) });
  for (const [body, message] of cases) {
    const said = await person.json(Said, 422, person.post("/jobs", body));
    assertEquals(said.fields.map((field) => field.message), [message]);
  }
  const listed = await person.json(Said, 422, person.get("/jobs?limit=abc&status=zz"));
  assertEquals(listed.fields.map((field) => field.message), [
    "must be a number",
    "must be one of created, validating, uploading_assets, queued, executing, collecting_outputs, quality_check, completed, failed, cancelled, live, ended",
  ]);
});

Deno.test("a deleted asset is refused by its field", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const body = await animateBody(person);
  const { groundTruth } = z.object({ groundTruth: z.string() }).parse(body.assets);
  assertEquals((await person.send("DELETE", `/assets/${groundTruth}`)).status, 204);
  assertEquals(await expectProblem(person.post("/jobs", body), 422, "asset.missing"), ["assets.groundTruth"]);
});

Deno.test("[AX9] a multipart job, other content types and broken JSON are refused", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const form = new FormData();
  form.set("file", new Blob(["x"]), "a.png");
  await expectProblem(person.send("POST", "/jobs", { raw: form }), 415, "request.content_type");
  const text = person.send("POST", "/jobs", { raw: "{}", headers: { "content-type": "text/plain" } });
  await expectProblem(text, 415, "request.content_type");
  const json = { "content-type": "application/json" };
  for (const raw of ["{", "", new Uint8Array([0xff]), "{'a':1}"]) {
    const answer = person.send("POST", "/jobs", { raw, headers: json });
    await expectProblem(answer, 400, "request.malformed");
  }
  const huge = person.post("/jobs", { prompt: "x".repeat(5_000_000) });
  await expectProblem(huge, 413, "request.too_large");
  assertEquals(studio.kept.jobs.size, 0);
});

Deno.test("a stranger learns nothing but that he must sign in", async () => {
  const person = await signUpCreator(makeStudio());
  person.cookie = "";
  for (const path of ["/jobs", "/assets", "/events", "/jobs/x", "/admin/queue", "/auth/me"]) {
    await expectProblem(person.get(path), 401, "auth.required");
  }
  await expectProblem(person.post("/jobs", { nonsense: true }), 401, "auth.required");
});

Deno.test("[AX14] references and a pose sheet are optional, and the sheet is recorded as soft guidance", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const sheet = await upload(person, "png", { name: "sheet.png", mark: 1 });
  const body = await animateBody(person);
  const inputs = {
    ...z.record(z.string(), z.string()).parse(body.assets),
    poseSheet: sheet,
    references: [sheet, sheet],
  };
  const { items } = await person.json(Created, 202, person.post("/jobs", { ...body, assets: inputs }));
  assertEquals(items[0]?.softGuidance, [sheet]);
  const voice = await upload(person, "wav");
  const audio = {
    mode: "audio",
    prompt: "She sings",
    assets: { groundTruth: sheet, audio: voice, poseSheet: sheet },
  };
  const sung = await person.json(Created, 202, person.post("/jobs", audio));
  assertEquals(sung.items[0]?.softGuidance, [sheet]);
});

Deno.test("every input says whether it is used", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const sheet = await upload(person, "png", { mark: 1 });
  const body = await animateBody(person);
  const inputs = { ...z.record(z.string(), z.string()).parse(body.assets), poseSheet: sheet };
  const { items } = await person.json(Created, 202, person.post("/jobs", { ...body, assets: inputs }));
  const shown = z.array(z.object({ role: z.string(), used: z.boolean() })).parse(items[0]?.assets);
  assertEquals(shown.map(({ role, used }) => [role, used]), [["groundTruth", true], ["motionVideo", true], [
    "poseSheet",
    false,
  ]]);
});

Deno.test("a count makes a batch with rising seeds that goes round at 64 bits", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const body = { ...await animateBody(person), count: 3, settings: { seed: "18446744073709551614" } };
  const { items, batchId } = await person.json(Created, 202, person.post("/jobs", body));
  assertEquals(items.map((job) => job.settings.seed), ["18446744073709551614", "18446744073709551615", "0"]);
  const list = await person.json(
    z.object({ items: z.array(Job) }),
    200,
    person.get(`/jobs?batch=${batchId}`),
  );
  assertEquals(list.items.length, 3);
});

Deno.test("a person may not have more waiting jobs than the studio allows", async () => {
  const studio = makeStudio({ limits: limitsOf(2) });
  const person = await signUpCreator(studio);
  const body = { ...await animateBody(person), count: 3 };
  await expectProblem(person.post("/jobs", body), 429, "job.queue_full");
  assertEquals(studio.kept.jobs.size, 0);
});

Deno.test("the same Idempotency-Key makes one job, and with another body it is refused", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const body = await animateBody(person);
  const key = { "idempotency-key": "click-1" };
  const first = await person.json(Created, 202, person.post("/jobs", body, key));
  const second = await person.json(Created, 202, person.post("/jobs", body, key));
  assertEquals(second.items[0]?.id, first.items[0]?.id);
  assertEquals(studio.kept.jobs.size, 1);
  const changed = person.post("/jobs", { ...body, prompt: "another" }, key);
  await expectProblem(changed, 422, "request.idempotency_reused");
  const other = await signUpCreator(studio, "other@example.org");
  await person.json(Created, 202, other.post("/jobs", await animateBody(other), key));
  assertEquals(studio.kept.jobs.size, 2);
  studio.clock.advance(86_400_001);
  await person.json(Created, 202, person.post("/jobs", { ...body, prompt: "another" }, key));
  assertEquals(studio.kept.jobs.size, 3);
});

Deno.test("a crash between taking the key and admitting the job is made good by asking again", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const body = await animateBody(person);
  const key = { "idempotency-key": "click-2" };
  const { admit } = studio;
  studio.admit = () => Promise.reject(new Error("the process died"));
  await expectProblem(person.post("/jobs", body, key), 500, "studio.bug");
  studio.admit = admit;
  await person.json(Created, 202, person.post("/jobs", body, key));
  await person.json(Created, 202, person.post("/jobs", body, key));
  assertEquals(studio.kept.jobs.size, 1);
});

Deno.test("a refused request gives its key back for the corrected one", async () => {
  const studio = makeStudio({ limits: limitsOf(0) });
  const person = await signUpCreator(studio);
  const body = await animateBody(person);
  const key = { "idempotency-key": "click-3" };
  await expectProblem(person.post("/jobs", body, key), 429, "job.queue_full");
  studio.settings.limits = limitsOf(5);
  await person.json(Created, 202, person.post("/jobs", { ...body, prompt: "shorter" }, key));
});

Deno.test("lists filter by mode and state, page by cursor, newest first", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const made: string[] = [];
  for (let n = 0; n < 5; n++) {
    made.unshift(await makeJob(person));
    studio.clock.advance(n % 2);
  }
  changeJob(studio.kept, made[0] ?? "", { status: "failed" });
  changeJob(studio.kept, made[1] ?? "", { mode: "audio" });
  const Page = z.object({ items: z.array(z.looseObject({ id: z.string() })), next: z.string().nullable() });
  const list = async (query: string) => {
    const page = await person.json(Page, 200, person.get(`/jobs${query}`));
    return { ids: page.items.map(({ id }) => id), next: page.next };
  };
  const first = await list("?limit=2");
  const second = await list(`?limit=2&cursor=${first.next}`);
  const third = await list(`?limit=2&cursor=${second.next}`);
  assertEquals([...first.ids, ...second.ids, ...third.ids], made);
  assertEquals(third.next, null);
  assertEquals((await list("?mode=audio")).ids, [made[1]]);
  assertEquals((await list("?status=ended")).ids, [made[0]]);
  assertEquals((await list("?status=live")).ids, made.slice(1));
  assertEquals(await expectProblem(person.get("/jobs?status=lost"), 422, "request.invalid"), ["status"]);
  assertEquals(await expectProblem(person.get("/jobs?sort=name"), 422, "request.invalid"), ["sort"]);
});

Deno.test("a list shows each film's strip of pieces and the film as it is now", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await makeJob(person);
  const Shown = z.object({
    items: z.array(z.looseObject({ parts: z.looseObject({}), result: z.looseObject({}).nullable() })),
  });
  const list = async () => (await person.json(Shown, 200, person.get("/jobs"))).items[0];
  assertEquals(await list().then((job) => [job?.parts, job?.result]), [
    { total: 1, done: 0, failed: 0, states: ["todo"] },
    null,
  ]);
  const rows = studio.kept.steps.get(id) ?? [];
  studio.kept.steps.set(id, rows.map((row) => row.id === "render" ? { ...row, state: "done" } : row));
  const output = { id: "o1", type: "film", file: "film.mp4", createdAt: studio.clock.now() };
  studio.kept.outputs.set(id, [
    { ...output, poster: "poster.jpg", metadata: { durationS: 12.17, width: 832, height: 480 } },
  ]);
  const at = `/api/jobs/${id}/outputs/o1`;
  const film = {
    type: "film",
    url: `${at}/file`,
    downloadUrl: `${at}/file?download=1`,
    posterUrl: `${at}/poster`,
  };
  assertEquals(await list().then((job) => [job?.parts, job?.result]), [
    { total: 1, done: 1, failed: 0, states: ["done"] },
    { ...film, seconds: 12.17, width: 832, height: 480 },
  ]);
});

Deno.test("a job's page says what was adapted: the size as asked for and as it will be", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const Detail = z.looseObject({ notes: z.array(z.string()), size: z.unknown() });
  const read = async (id: string) => {
    const { notes, size } = await person.json(Detail, 200, person.get(`/jobs/${id}`));
    return [notes, size];
  };
  const rendered = { width: 640, height: 640 };
  const wished = await makeJob(person, { settings: { width: 1000 } });
  assertEquals(await read(wished), [
    ["You asked for 1000; the film will be 640 × 640."],
    { asked: { width: 1000, height: null }, rendered },
  ]);
  const plain = await makeJob(person);
  assertEquals(await read(plain), [[], { asked: { width: null, height: null }, rendered }]);
  const plan = studio.kept.plans.get(`${plain} 1`);
  assert(plan);
  const { notes: _none, ...old } = plan;
  studio.kept.plans.set(`${plain} 1`, old);
  assertEquals((await read(plain))[0], [], "plans from before there were notes");
});

Deno.test("the preview picture is there while its run lasts, and not after the end or in the next run", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await makeJob(person);
  const preview = { revision: 1, bytes: new Uint8Array([1, 2]), type: "image/jpeg" };
  const userId = studio.kept.jobs.get(id)?.userId ?? "";
  studio.progress.publish({ jobId: id, userId, run: 1, share: 0.5, stage: "", etaS: null, preview });
  changeJob(studio.kept, id, { status: "executing" });
  const picture = await person.get(`/jobs/${id}/preview`);
  assertEquals([picture.status, picture.headers.get("content-type")], [200, "image/jpeg"]);
  assertEquals(await picture.bytes(), new Uint8Array([1, 2]));
  for (const status of ["completed", "failed", "cancelled"] as const) {
    changeJob(studio.kept, id, { status });
    assertEquals((await person.get(`/jobs/${id}/preview`)).status, 204);
  }
  changeJob(studio.kept, id, { status: "executing", run: 2 });
  assertEquals((await person.get(`/jobs/${id}/preview`)).status, 204);
});

Deno.test("a job's page has the film to come, what each part was asked for, and how long each stage took", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await makeJob(person);
  const tell = (status: string, run: number) =>
    studio.happen({ jobId: id, kind: "status", message: "", body: { status, run } });
  tell("created", 1);
  studio.clock.advance(1000);
  tell("failed", 1);
  changeJob(studio.kept, id, { run: 2 });
  tell("queued", 2);
  for (let n = 0; n < 200; n++) studio.happen({ jobId: id, kind: "step.started", message: "", body: {} });
  studio.clock.advance(5000);
  tell("executing", 2);
  const Detail = z.looseObject({
    film: z.unknown(),
    stages: z.unknown(),
    steps: z.array(z.looseObject({ id: z.string(), asked: z.unknown() })),
  });
  const read = async () => await person.json(Detail, 200, person.get(`/jobs/${id}`));
  const shown = await read();
  assertEquals(shown.stages, [
    { status: "queued", from: "2026-11-21T12:00:01.000Z", to: "2026-11-21T12:00:06.000Z" },
    { status: "executing", from: "2026-11-21T12:00:06.000Z", to: null },
  ]);
  assertEquals(shown.film, { frames: 160, rate: { num: 16, den: 1 }, width: 640, height: 640 });
  assertEquals(shown.steps.map((step) => step.asked), [null, null], "local steps are asked for nothing");
  const plan = studio.kept.plans.get(`${id} 1`);
  assert(plan);
  const prompt = {
    kind: "prompt" as const,
    template: { id: "t", version: "1" },
    variant: "",
    preset: "fast",
  };
  const values = { prompt: "A tram", seed: "7", graph: CANARY };
  const steps = plan.steps.map((step) =>
    step.id === "render" ? { ...step, ...prompt, family: "", values } : step
  );
  studio.kept.plans.set(`${id} 1`, { ...plan, steps });
  changeJob(studio.kept, id, { status: "cancelled" });
  tell("cancelled", 2);
  const ended = await read();
  assertEquals(ended.steps[0]?.asked, { prompt: "A tram", negativePrompt: "", seed: "7", preset: "fast" });
  assertEquals(ended.stages, [
    ...(z.array(z.unknown()).parse(shown.stages).slice(0, 1)),
    { status: "executing", from: "2026-11-21T12:00:06.000Z", to: "2026-11-21T12:00:06.000Z" },
    { status: "cancelled", from: "2026-11-21T12:00:06.000Z", to: "2026-11-21T12:00:06.000Z" },
  ]);
});

Deno.test("[XC11] another person gets 404 for every address of a job", async () => {
  const studio = makeStudio();
  const id = await makeJob(await signUpCreator(studio));
  const other = await signUpCreator(studio, "other@example.org");
  for (
    const path of [
      "",
      "/events",
      "/preview",
      "/outputs/o1/file",
      "/outputs/o1/poster",
      "/steps/render/takes/0/files/film/0",
    ]
  ) {
    await expectProblem(other.get(`/jobs/${id}${path}`), 404, "request.not_found");
  }
  for (const command of ["start", "cancel", "pause", "resume", "retry", "duplicate", "delete"]) {
    await expectProblem(other.post(`/jobs/${id}/${command}`), 404, "request.not_found");
  }
  assertEquals(studio.kept.mail.length, 1);
});

Deno.test("[XC21] the history of a job is told in order, with times in UTC", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await makeJob(person);
  for (const kind of ["created", "validating", "queued"]) {
    studio.happen({ jobId: id, kind, message: `Now ${kind}.`, body: { status: kind } });
    studio.clock.advance(1000);
  }
  const Event = z.object({
    seq: z.int(),
    at: z.string(),
    type: z.string(),
    message: z.string(),
    payload: z.unknown(),
  });
  const page = z.object({ items: z.array(Event) });
  const { items } = await person.json(page, 200, person.get(`/jobs/${id}/events`));
  assertEquals(items.map((event) => event.type), ["created", "validating", "queued"]);
  assertEquals(items[1]?.at, "2026-11-21T12:00:01.000Z");
  const later = await person.json(page, 200, person.get(`/jobs/${id}/events?after=${items[1]?.seq}`));
  assertEquals(later.items.map((event) => event.type), ["queued"]);
  // Sentences come from the catalogue by kind and body, else from the row.
  studio.happen({ jobId: id, kind: "priority", message: "As stored.", body: { priority: 7 } });
  studio.happen({
    jobId: id,
    kind: "step.done",
    message: "As stored.",
    body: { step: "chunk-001", take: 0 },
  });
  const told = await person.json(page, 200, person.get(`/jobs/${id}/events?after=${later.items[0]?.seq}`));
  assertEquals(told.items.map((event) => event.message), ["The priority is now 7.", "As stored."]);
});

Deno.test("[AX42] a finished film downloads under a sensible name and plays in parts", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await makeJob(person, { title: "Hafen über Nacht" });
  studio.kept.files.set("film.mp4", new Uint8Array(1000));
  const output = {
    id: "o1",
    type: "video",
    file: "film.mp4",
    poster: null,
    metadata: {},
    createdAt: studio.clock.now(),
  };
  studio.kept.outputs.set(id, [output]);
  const file = await person.get(`/jobs/${id}/outputs/o1/file?download=1`, { range: "bytes=0-99" });
  assertEquals([file.status, (await file.arrayBuffer()).byteLength], [206, 100]);
  const named = file.headers.get("content-disposition") ?? "";
  assertMatch(named, /filename="Hafen uber Nacht - 2026-11-21 - draft\.mp4"/);
  assertMatch(named, /filename\*=UTF-8''Hafen%20%C3%BCber%20Nacht%20-%202026-11-21%20-%20draft\.mp4/);
  const shown = await person.get(`/jobs/${id}/outputs/o1/file`);
  assertEquals(shown.headers.get("content-disposition"), "inline");
  assert(shown.headers.get("content-security-policy")?.includes("sandbox"));
  await shown.body?.cancel();
});
