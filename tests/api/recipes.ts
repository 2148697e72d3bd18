/** A studio with one thing of every kind, and for each operation how it comes to the answers that need such a thing. */
import { z } from "zod";
import { problem } from "@/core/problem.ts";
import { WEBHOOKS_MAX } from "@/core/webhooks.ts";
import {
  animateBody,
  FILES,
  makeJob,
  PASSWORD,
  Person,
  type Sent,
  signUp,
  signUpCreator,
  upload,
} from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";
import { GRAPH } from "./fake_templates.ts";

const Id = z.looseObject({ id: z.string() });
const DAY_MS = 86_400_000;

export interface World {
  studio: FakeStudio;
  operator: Person;
  creator: Person;
  /** A token of the creator that may read. */
  reader: string;
  /** A finished film of the operator, and a job that waits. */
  film: string;
  waiting: string;
}

export async function openWorld(): Promise<World> {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const creator = await signUpCreator(studio);
  const asked = creator.post("/account/tokens", { name: "reads", scope: "read" });
  const { token } = await creator.json(z.looseObject({ token: z.string() }), 201, asked);
  const film = await makeJob(operator, { title: "Harbour" });
  changeJob(studio.kept, film, { status: "completed", run: 1 });
  for (const name of ["film.mp4", "poster.webp", "a.png"]) studio.kept.files.set(name, new Uint8Array(1000));
  const output = { id: "o1", type: "video", file: "film.mp4", poster: "poster.webp", createdAt: 0 };
  studio.kept.outputs.set(film, [{ ...output, metadata: { durationS: 4.5, width: 640, height: 480 } }]);
  const file = { role: "clip", ord: 0, sha256: "a", ext: "png", bytes: 1000 };
  studio.kept.steps.set(
    film,
    (studio.kept.steps.get(film) ?? []).map((row) => ({ ...row, outputs: [file] })),
  );
  const waiting = await makeJob(operator);
  changeJob(studio.kept, waiting, { status: "queued" });
  return { studio, operator, creator, reader: token, film, waiting };
}

/** Asks the operation that is tried, as the operator, with the places of its path. */
export type Go = (places: Record<string, string>, sent?: Sent) => Promise<Response>;
type Recipe = (world: World, go: Go) => Promise<Response>;

const NOBODY = "019a0000-0000-7000-8000-ffffffffffff";

/** Where the schema does not tell all that a body must be, the generated one meets no id. */
const unknown = (body: unknown): Recipe => (_world, go) => go({ id: NOBODY }, { body });

const plain: Recipe = (_world, go) => go({});
const with_ = (body: unknown): Recipe => (_world, go) => go({}, { body });
const onFilm = (sent: Sent = {}): Recipe => ({ film }, go) => go({ id: film }, sent);

/** After a change of the waiting job. */
const told =
  (change: Parameters<typeof changeJob>[2], body: unknown = {}): Recipe => ({ studio, waiting }, go) => {
    changeJob(studio.kept, waiting, change);
    return go({ id: waiting }, { body });
  };

/** The four ways to fetch a file, and what happens when its content is gone. */
function fetched(find: (world: World) => Promise<Record<string, string>> | Record<string, string>): Recipe[] {
  const ask = (headers: Record<string, string>): Recipe => async (world, go) =>
    await go(await find(world), { headers });
  return [
    ask({}),
    ask({ range: "bytes=0-9" }),
    ask({ "if-none-match": "*" }),
    ask({ range: "bytes=99999-" }),
    async (world, go) => {
      const places = await find(world);
      world.studio.kept.files.clear();
      return await go(places);
    },
  ];
}

const made = async (person: Person, path: string, body: unknown = {}) =>
  (await person.json(Id, 201, person.post(path, body))).id;

const project = ({ operator }: World) => made(operator, "/projects", { name: "Harbour" });
const hook = ({ operator }: World, events = ["job.completed"]) =>
  made(operator, "/webhooks", { url: "https://hooks.example/a", events });
const preset = ({ operator }: World, name = "Mine") =>
  made(operator, "/presets", { name, mode: "animate", submode: "move" });

const withId = (make: (world: World) => Promise<string>, sent?: Sent): Recipe => async (world, go) =>
  await go({ id: await make(world) }, sent);

/** With a message that was sent, of a webhook that is switched on, and of one that is off. */
function onDelivery(name: string): [string, Recipe, Recipe] {
  const ask = (enabled: boolean): Recipe => async (world, go) => {
    const id = await hook(world);
    await (await world.operator.post(`/webhooks/${id}/ping`)).body?.cancel();
    const [kept] = world.studio.kept.webhooks;
    if (kept) kept.enabled = enabled;
    return await go({ id, delivery: kept?.deliveries[0]?.id ?? "" });
  };
  return [name, ask(true), ask(false)];
}

async function shareOf({ operator, film }: World): Promise<{ id: string; token: string }> {
  const asked = operator.post(`/jobs/${film}/shares`, { days: 7 });
  const { id, url } = await operator.json(z.looseObject({ id: z.string(), url: z.string() }), 201, asked);
  return { id, token: url.split("/s/")[1] ?? "" };
}

const shared = async (world: World) => ({ token: (await shareOf(world)).token });

async function batchOf(world: World): Promise<string> {
  const { operator } = world;
  const asked = operator.post("/jobs", { ...await animateBody(operator), count: 2 });
  return (await operator.json(z.looseObject({ batchId: z.string() }), 202, asked)).batchId;
}

async function linkFor({ studio, operator }: World): Promise<string> {
  const asked = operator.post(`/admin/people/${studio.kept.accounts[1]?.id}/password-link`);
  const { url } = await operator.json(z.looseObject({ url: z.string() }), 201, asked);
  return new URL(url).searchParams.get("token") ?? "";
}

const newAsset = ({ operator }: World, name = "a.png") => made(operator, "/assets", { name });

const put =
  (raw: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Recipe => async (world, go) =>
    await go({ id: await newAsset(world) }, {
      raw,
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(raw.byteLength),
        ...headers,
      },
    });

const personId = ({ studio }: World, at: number) => studio.kept.accounts[at]?.id ?? "";
const things = ({ film }: World) => ({ films: [film] });

/** One row per operation: how each answer is brought about that is no guard's. */
export const RECIPES: [operation: string, ...recipes: Recipe[]][] = [
  ["GET /auth/registration", plain],
  [
    "POST /auth/register",
    ({ studio }) => new Person(studio).post("/auth/register", { email: "c@example.org", password: PASSWORD }),
    ({ studio }) =>
      new Person(studio).post("/auth/register", { email: "op@example.org", password: PASSWORD }),
  ],
  ["POST /auth/login", with_({ email: "op@example.org", password: PASSWORD })],
  ["POST /auth/logout", plain],
  ["GET /auth/me", plain],
  ["POST /auth/password", with_({ current: PASSWORD, next: "a new long password" })],
  [
    "GET /auth/new-password",
    async (world) => await world.operator.get(`/auth/new-password?token=${await linkFor(world)}`),
    ({ operator }) => operator.get("/auth/new-password?token=none"),
  ],
  [
    "POST /auth/new-password",
    async (world, go) =>
      await go({}, { body: { token: await linkFor(world), password: "a new long password" } }),
  ],
  ["GET /account/sessions", plain],
  ["DELETE /account/sessions", plain],
  ["DELETE /account/sessions/{id}", async ({ studio, operator }, go) => {
    await new Person(studio).post("/auth/login", { email: "op@example.org", password: PASSWORD });
    const list = z.object({ items: z.array(Id.extend({ current: z.boolean() })) });
    const { items } = await operator.json(list, 200, operator.get("/account/sessions"));
    return await go({ id: items.find(({ current }) => !current)?.id ?? "" });
  }],
  ["GET /account/defaults", plain],
  ["GET /account/use", plain],
  ["POST /account/defaults", with_({})],
  [
    "POST /account/delete",
    ({ creator }) => creator.post("/account/delete", { password: PASSWORD, confirm: "mika@example.org" }),
    with_({ password: PASSWORD, confirm: "op@example.org" }),
  ],
  ["GET /account/tokens", plain],
  ["POST /account/tokens", with_({ name: "ci", scope: "read" }), async ({ operator }, go) => {
    for (let n = 0; n < 50; n++) await made(operator, "/account/tokens", { name: "ci", scope: "read" });
    return await go({}, { body: { name: "ci", scope: "read" } });
  }],
  [
    "DELETE /account/tokens/{id}",
    withId(({ operator }) => made(operator, "/account/tokens", { name: "ci", scope: "read" })),
  ],
  ["GET /account/export", plain],
  ["GET /account/export.zip", plain],
  ["POST /assets", with_({ name: "a.png" })],
  ["GET /assets", plain],
  ["GET /assets/{id}", withId(newAsset)],
  ["DELETE /assets/{id}", withId(newAsset), async ({ studio, operator, waiting }, go) => {
    const used = studio.kept.jobs.get(waiting)?.assets[0]?.assetId ?? await upload(operator, "png");
    return await go({ id: used });
  }],
  [
    "PUT /assets/{id}/content",
    put(FILES.png),
    put(FILES.heic),
    put(new Uint8Array()),
    put(FILES.png, { "content-length": "half" }),
    put(FILES.png, { "content-length": "99999999999" }),
    async ({ operator }, go) =>
      await go({ id: await upload(operator, "png", { mark: 1 }) }, { raw: FILES.png }),
    (world, go) => {
      world.studio.files.freeBytes = () => Promise.resolve(10);
      return put(FILES.png)(world, go);
    },
    async (world, go) => {
      const begun = new Uint8Array(8192);
      begun.set(FILES.png);
      let sent = 0;
      const raw = new ReadableStream({
        pull(controller) {
          if (sent++ === 0) return controller.enqueue(begun);
          queueMicrotask(() => world.studio.giveUp.abort());
          return new Promise(() => {});
        },
      }, { highWaterMark: 0 });
      return await go({ id: await newAsset(world) }, { raw, headers: { "content-length": "9000" } });
    },
  ],
  [
    "GET /assets/{id}/file",
    ...fetched(async ({ operator }) => ({ id: await upload(operator, "png") })),
    withId(newAsset),
  ],
  ["GET /assets/{id}/thumbnail", ...fetched(async ({ operator }) => ({ id: await upload(operator, "png") }))],
  [
    "POST /jobs",
    async ({ operator }, go) => await go({}, { body: await animateBody(operator) }),
    async ({ studio, operator }, go) => {
      const body = await animateBody(operator);
      studio.kept.verdict = { ...studio.kept.verdict, problem: problem("comfy.missing_model") };
      return await go({}, { body });
    },
  ],
  ["GET /jobs", plain],
  ["GET /jobs/{id}", onFilm()],
  ["GET /jobs/{id}/events", onFilm()],
  ["POST /jobs/preview", async ({ operator }, go) => await go({}, { body: await animateBody(operator) })],
  ["POST /takes/content", (_world, go) => go({}, { raw: "A harbour at night" })],
  ["GET /jobs/{id}/prompt-file", onFilm(), ({ studio, film }, go) => {
    changeJob(studio.kept, film, { mode: "take" });
    return go({ id: film });
  }],
  ["POST /jobs/{id}/start", told({ status: "created" }), told({ status: "completed" })],
  ["POST /jobs/{id}/cancel", told({}), told({ status: "completed" })],
  ["POST /jobs/{id}/pause", told({}), told({ status: "completed" })],
  ["POST /jobs/{id}/resume", told({ paused: true }), told({ status: "completed" })],
  ["POST /jobs/{id}/reprioritise", told({}, { priority: 1 }), told({ status: "completed" }, { priority: 1 })],
  ["POST /jobs/{id}/retry", told({ status: "failed" }), told({ status: "completed" })],
  [
    "POST /jobs/{id}/approve",
    told({ approvals: [{ step: "render", take: 1 }] }, { step: "render", take: 1 }),
    told({}, { step: "render", take: 1 }),
  ],
  [
    "POST /jobs/{id}/follow",
    told({ retakes: ["render"] }, { step: "render", choice: "keep" }),
    told({}, { step: "render", choice: "keep" }),
  ],
  [
    "POST /jobs/{id}/edit",
    told({}, { prompt: "Night" }),
    told({ status: "completed" }, { prompt: "Night" }),
    unknown({ prompt: "Night" }),
  ],
  ["POST /jobs/{id}/retake", ({ studio, waiting }, go) => {
    const rows = studio.kept.steps.get(waiting) ?? [];
    studio.kept.steps.set(waiting, rows.map((row) => ({ ...row, state: "done" })));
    return go({ id: waiting }, { body: { step: "render" } });
  }, told({}, { step: "render" })],
  ["POST /jobs/{id}/duplicate", onFilm(), ({ studio, film }, go) => {
    studio.kept.verdict = { ...studio.kept.verdict, problem: problem("comfy.missing_model") };
    return go({ id: film });
  }],
  ["POST /jobs/{id}/promote", onFilm(), ({ studio, film }, go) => {
    studio.offer = { ...studio.offer, engine: "comfy" };
    return go({ id: film });
  }],
  ["POST /jobs/{id}/cut", ({ studio, waiting }, go) => {
    changeJob(studio.kept, waiting, { mode: "take" });
    const plan = studio.kept.plans.get(`${waiting} 1`);
    const values = { frames: 81, repeats: 0, rateNum: 16, rateDen: 1 };
    const steps = plan?.steps.map((step) => ({
      ...step,
      kind: "local" as const,
      op: "look_at_piece",
      values,
    }));
    if (plan) studio.kept.plans.set(`${waiting} 1`, { ...plan, steps: steps ?? [] });
    return go({ id: waiting }, { body: { after: 1 } });
  }, told({}, { after: 1 })],
  ["POST /jobs/{id}/delete", onFilm()],
  ["GET /batches/{id}", withId(batchOf)],
  ["POST /batches/{id}/cancel", withId(batchOf)],
  ["GET /jobs/{id}/outputs/{output}/file", ...fetched(({ film }) => ({ id: film, output: "o1" }))],
  ["GET /jobs/{id}/outputs/{output}/poster", ...fetched(({ film }) => ({ id: film, output: "o1" }))],
  [
    "GET /jobs/{id}/steps/{step}/takes/{take}/files/{role}/{ord}",
    ...fetched(({ film }) => ({ id: film, step: "render", take: "0", role: "clip", ord: "0" })),
  ],
  ["GET /jobs/{id}/preview", onFilm(), ({ studio, waiting }, go) => {
    const preview = { revision: 1, bytes: new Uint8Array([1, 2]), type: "image/jpeg" };
    const now = { run: 1, share: 0.5, stage: "", etaS: null, preview };
    studio.progress.publish({ jobId: waiting, userId: studio.kept.accounts[0]?.id ?? "", ...now });
    return go({ id: waiting });
  }],
  ["GET /queue", plain],
  [
    "POST /queue/order",
    ({ waiting }, go) => go({}, { body: { ids: [waiting] } }),
    ({ film }, go) => go({}, { body: { ids: [film] } }),
  ],
  ...["cancel", "pause", "resume"].map((
    name,
  ): [string, Recipe] => [`POST /queue/${name}`, with_({})]),
  ["GET /library", plain],
  ["POST /library/mark", (world, go) => go({}, { body: { ...things(world), action: "star" } })],
  ["POST /library/move", (world, go) => go({}, { body: { ...things(world), projectId: null } })],
  ["POST /library/empty", plain],
  [
    "GET /library/zip",
    ({ operator, film }) => operator.get(`/library/zip?films=${film}`),
    ({ studio, operator, film }) => {
      studio.kept.files.clear();
      return operator.get(`/library/zip?films=${film}`);
    },
  ],
  ["POST /projects", with_({ name: "Harbour" })],
  ["GET /projects", plain],
  ["GET /projects/{id}", withId(project)],
  ["DELETE /projects/{id}", withId(project)],
  ["POST /projects/{id}/edit", withId(project, { body: { name: "Night" } })],
  ["POST /jobs/{id}/shares", onFilm({ body: { days: 7 } }), told({}, { days: 7 })],
  ["GET /jobs/{id}/shares", onFilm()],
  ["DELETE /shares/{id}", withId(async (world) => (await shareOf(world)).id)],
  ["GET /webhooks", plain],
  [
    "POST /webhooks",
    with_({ url: "https://hooks.example/a", events: ["job.completed"] }),
    async (world, go) => {
      for (let n = 0; n < WEBHOOKS_MAX; n++) await hook(world);
      return await go({}, { body: { url: "https://hooks.example/a", events: ["job.completed"] } });
    },
  ],
  ["GET /webhooks/{id}", withId(hook)],
  ["DELETE /webhooks/{id}", withId(hook)],
  ["POST /webhooks/{id}/rotate", withId(hook)],
  [
    "POST /webhooks/{id}/edit",
    withId(hook, { body: { enabled: false } }),
    unknown({ enabled: false }),
    async (world, go) => {
      const id = await hook(world);
      const path = `/admin/webhooks/${id}`;
      await (await world.operator.post(path, { enabled: false })).body?.cancel();
      return await go({ id }, { body: { enabled: true } });
    },
  ],
  ...["ping", "deliveries/{delivery}/replay"].map((name) => onDelivery(`POST /webhooks/{id}/${name}`)),
  onDelivery("POST /admin/webhooks/{id}/deliveries/{delivery}/replay"),
  ["GET /admin/webhooks", plain],
  ["GET /admin/webhooks/{id}", withId(hook)],
  ["POST /admin/webhooks/{id}", withId(hook, { body: { enabled: false } })],
  ["DELETE /admin/webhooks/{id}", withId(hook)],
  ["GET /admin/webhooks/{id}/deliveries", withId(hook)],
  ["GET /webhooks/{id}/deliveries", withId(hook)],
  ["GET /shared/{token}", async (world, go) => await go(await shared(world)), async (world, go) => {
    const places = await shared(world);
    world.studio.clock.advance(8 * DAY_MS);
    return await go(places);
  }],
  ["GET /shared/{token}/file", ...fetched(shared)],
  ["GET /shared/{token}/poster", ...fetched(shared)],
  ["GET /events", plain],
  ["GET /modes", plain],
  ["GET /shelf", plain],
  ["GET /shelf/examples/{name}", (_world, go) => go({ name: "drawn" })],
  ["GET /presets", plain],
  [
    "POST /presets",
    with_({ name: "Mine", mode: "animate", submode: "move" }),
    async (world, go) => {
      await preset(world);
      return await go({}, { body: { name: "Mine", mode: "animate", submode: "move" } });
    },
  ],
  [
    "PUT /presets/{id}",
    withId(preset, { body: { name: "Other", mode: "animate", submode: "move" } }),
    async (world, go) => {
      const [id] = [await preset(world), await preset(world, "Other")];
      return await go({ id }, { body: { name: "Other", mode: "animate", submode: "move" } });
    },
  ],
  ["DELETE /presets/{id}", withId(preset)],
  ...[
    "queue",
    "backends",
    "house",
    "actors",
    "dead-letters",
    "people",
    "invitations",
    "line",
    "templates",
    "maintenance",
    "settings",
    "logs",
    "diagnostics",
    "queue/export",
    "effects",
  ]
    .map((name): [string, Recipe] => [`GET /admin/${name}`, plain]),
  ["GET /admin/actors/{id}", ({ waiting }, go) => go({ id: waiting })],
  ["POST /admin/jobs/tell", ({ waiting }, go) => go({}, { body: { act: "pause", ids: [waiting] } })],
  [
    "POST /admin/queue/import",
    async ({ operator }, go) => {
      const file = await (await operator.get("/admin/queue/export")).json();
      return await go({}, { body: file });
    },
  ],
  ["POST /admin/settings/test", with_({ service: "storage" })],
  [
    "PUT /admin/settings/{name}",
    (_world, go) => go({ name: "TRASH_DAYS" }, { body: { value: "7", rev: 0 } }),
    (_world, go) => go({ name: "PORT" }, { body: { value: "7", rev: 0 } }),
    (_world, go) => go({ name: "TRASH_DAYS" }, { body: { value: "soon", rev: 0 } }),
  ],
  ["POST /admin/maintenance", with_({ note: "New cards." })],
  ["DELETE /admin/maintenance", plain, async ({ operator }, go) => {
    await (await operator.post("/admin/maintenance", {})).body?.cancel();
    return await go({});
  }],
  ["GET /admin/backends/{id}/lacks", (_world, go) => go({ id: "b1" })],
  ["POST /admin/backends", with_({ url: "http://gpu" })],
  ["POST /admin/backends/test", with_({ url: "http://gpu" }), with_({ id: "none" })],
  [
    "POST /admin/backends/{id}/edit",
    (_world, go) => go({ id: "b1" }, { body: { rev: 1, name: "Lab" } }),
    (_world, go) => go({ id: "b1" }, { body: { rev: 7 } }),
  ],
  [
    "DELETE /admin/backends/{id}",
    (_world, go) => go({ id: "b1" }),
    async ({ studio, operator }, go) => {
      await (await operator.post("/admin/backends", { url: "http://gpu" })).body?.cancel();
      return await go({ id: [...studio.kept.servers.keys()].at(-1) ?? "" });
    },
  ],
  ["POST /admin/backends/{id}/{act}", (_world, go) => go({ id: "b1", act: "drain" })],
  ["POST /admin/dead-letters/{id}/{act}", (_world, go) => go({ id: "letter", act: "retry" })],
  [
    "POST /admin/people/{id}",
    (world, go) => go({ id: personId(world, 1) }, { body: { jobsMax: 3 } }),
    (world, go) => go({ id: personId(world, 0) }, { body: { role: "creator" } }),
    unknown({ jobsMax: 3 }),
  ],
  ["POST /admin/people/{id}/password-link", (world, go) => go({ id: personId(world, 1) })],
  ["POST /admin/invitations", plain],
  ["DELETE /admin/invitations/{id}", withId(({ operator }) => made(operator, "/admin/invitations"))],
  ["POST /admin/jobs/{id}/reprioritise", ({ waiting }, go) => go({ id: waiting }, { body: { priority: 1 } })],
  ["GET /admin/jobs/{id}", ({ waiting }, go) => go({ id: waiting })],
  [
    "POST /admin/jobs/{id}/edit",
    ({ waiting }, go) => go({ id: waiting }, { body: { prompt: "A red fox runs." } }),
    ({ studio, waiting }, go) => {
      changeJob(studio.kept, waiting, { cancelling: true });
      return go({ id: waiting }, { body: { prompt: "A red fox runs." } });
    },
    unknown({ prompt: "A red fox runs." }),
  ],
  [
    "POST /admin/jobs/{id}/move",
    ({ waiting }, go) => go({ id: waiting }, { body: { to: "next" } }),
    ({ waiting }, go) => go({ id: waiting }, { body: { to: "up" } }),
  ],
  [
    "POST /admin/jobs/{id}/{act}",
    ({ waiting }, go) => go({ id: waiting, act: "cancel" }),
    ({ waiting }, go) => go({ id: waiting, act: "resume" }),
  ],
  ...(["templates", "templates/proposals"] as const).map((name): [string, Recipe] => [
    `POST /admin/${name}`,
    with_({ text: JSON.stringify(GRAPH), name: "custom/tower" }),
  ]),
  ["GET /admin/spend", plain],
  ["GET /admin/lacks", plain],
  ["GET /admin/failed", plain],
  [
    "POST /admin/failed/{id}/retry",
    ({ studio, film }, go) => {
      changeJob(studio.kept, film, { status: "failed" });
      return go({ id: film });
    },
    ({ studio, film }, go) => {
      changeJob(studio.kept, film, { status: "failed" });
      studio.kept.verdict = { ...studio.kept.verdict, problem: problem("comfy.missing_model") };
      return go({ id: film });
    },
  ],
  ["GET /admin/storage", plain],
  ["GET /admin/storage/keeping", plain],
  ["PUT /admin/projects/{id}/keep", withId(project, { body: { pieces: 7 } })],
  ["GET /admin/audit", plain],
  ["GET /admin/audit/export", plain],
  ["GET /health", plain, ({ studio }, go) => {
    studio.health.db = () => Promise.resolve({ state: "down" });
    return go({});
  }],
];
