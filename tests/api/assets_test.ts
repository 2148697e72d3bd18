/** Files over HTTP: what is taken in, what is refused, and how they are served. */
import { z } from "zod";
import { parseRange } from "@/api/range.ts";
import { cleanName, downloadName } from "@/api/names.ts";
import { fail } from "@/core/problem.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import {
  animateBody,
  expectProblem,
  FILES,
  makeJob,
  type Person,
  putContent,
  signUpCreator,
  upload,
} from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import type { JobRecord } from "@/core/studio.ts";
import { makeStudio } from "./fake_studio.ts";

const WithId = z.object({ id: z.string() });

async function newAsset(person: Person, body: Record<string, unknown>): Promise<string> {
  return (await person.json(WithId, 201, person.post("/assets", body))).id;
}

Deno.test("[AX7] an upload returns id, type, mime, name, size, width, height, duration and thumbnail", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await upload(person, "mp4", { name: "walk phone.mov" });
  const shown = await person.json(z.looseObject({ createdAt: z.string() }), 200, person.get(`/assets/${id}`));
  const { createdAt, ...rest } = shown;
  assertEquals(createdAt, "2026-11-21T12:00:00.000Z");
  assertEquals(rest, {
    id,
    name: "walk phone.mov",
    state: "ready",
    type: "video",
    mime: "video/mp4",
    sizeBytes: 100,
    width: 64,
    height: 48,
    durationSeconds: 2.5,
    framesPerSecond: 16,
    hasSound: false,
    contentUrl: `/api/assets/${id}/file`,
    thumbnailUrl: `/api/assets/${id}/thumbnail`,
    projectId: null,
    mark: null,
    trashedAt: null,
  });
  const thumbnail = await person.get(`/assets/${id}/thumbnail`);
  assertEquals([thumbnail.status, thumbnail.headers.get("content-type")], [200, "image/webp"]);
  await thumbnail.body?.cancel();
});

Deno.test("[AX8] [XC11] another person gets 404 for every address of an asset", async () => {
  const studio = makeStudio();
  const id = await upload(await signUpCreator(studio), "png");
  const other = await signUpCreator(studio, "other@example.org");
  for (const path of ["", "/file", "/thumbnail"]) {
    await expectProblem(other.get(`/assets/${id}${path}`), 404, "request.not_found");
  }
  await expectProblem(putContent(other, id, FILES.png), 404, "request.not_found");
  await expectProblem(other.send("DELETE", `/assets/${id}`), 404, "request.not_found");
  assertEquals(
    (await other.json(z.object({ items: z.array(z.unknown()) }), 200, other.get("/assets"))).items,
    [],
  );
  assert(studio.kept.assets.has(id));
});

Deno.test("[XC16] refused uploads leave no file and no content behind", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const html = new TextEncoder().encode(`<script>alert(1)</script>${" ".repeat(100)}`);
  const cases: [string, string, Uint8Array<ArrayBuffer>, number, string, string[]][] = [
    ["empty", "a.png", new Uint8Array(), 422, "asset.empty", ["content"]],
    ["a script named as a picture", "a.png", html, 415, "asset.type_refused", ["content"]],
    ["a film named as a picture", "a.png", FILES.mp4, 415, "asset.type_refused", ["name"]],
    ["an iPhone picture", "IMG_1.HEIC", FILES.heic, 415, "asset.heic", ["content"]],
    ["a cut container", "a.png", FILES.png.slice(0, 36), 422, "asset.unreadable", ["content"]],
    ["over the limit", "a.mp4", bigFilm(1_048_577), 413, "asset.too_large", ["content"]],
  ];
  for (const [, name, bytes, status, code, fields] of cases) {
    const id = await newAsset(person, { name });
    assertEquals(await expectProblem(putContent(person, id, bytes), status, code), fields, name);
    assertEquals(studio.kept.assets.get(id)?.content, null);
  }
  assertEquals([...studio.kept.files.keys()], []);
});

function bigFilm(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  bytes.set(FILES.mp4);
  return bytes;
}

Deno.test("[XC16] what the probe finds wrong with a file is said beside the file, and nothing of it is kept", async () => {
  for (const [code, status] of [["asset.too_large", 413], ["asset.truncated", 422]] as const) {
    const studio = makeStudio();
    studio.probe = () => Promise.reject(fail(code));
    const person = await signUpCreator(studio);
    const id = await newAsset(person, { name: "a.png" });
    assertEquals(await expectProblem(putContent(person, id, FILES.png), status, code), ["content"]);
    assertEquals([studio.kept.files.size, studio.kept.assets.get(id)?.content], [0, null]);
  }
});

Deno.test("the HEIC refusal names the setting of the phone to change", async () => {
  const person = await signUpCreator(makeStudio());
  const id = await newAsset(person, { name: "IMG_1.heic" });
  const answer = await putContent(person, id, FILES.heic);
  assertMatch(await answer.text(), /Settings, Camera, Formats, Most Compatible/);
});

Deno.test("an upload with fewer bytes than announced is refused and not kept", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await newAsset(person, { name: "a.png" });
  const headers = { "content-length": "5000" };
  const answer = person.send("PUT", `/assets/${id}/content`, { raw: FILES.png, headers });
  assertEquals(await expectProblem(answer, 422, "asset.truncated"), ["content"]);
  assertEquals(studio.kept.files.size, 0);
});

Deno.test("[XC16] an upload that hides its length is stopped while it flows", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await newAsset(person, { name: "a.mp4" });
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536;
      controller.enqueue(sent === 65_536 ? bigFilm(65_536) : new Uint8Array(65_536));
    },
  });
  await expectProblem(person.send("PUT", `/assets/${id}/content`, { raw: endless }), 413, "asset.too_large");
  assert(sent < 3 * studio.settings.uploadBytesMax, `${sent} bytes were read`);
  assertEquals(studio.kept.files.size, 0);
});

Deno.test("[XC16] a body in chunks without a length is refused before a byte is read", async () => {
  const person = await signUpCreator(makeStudio());
  const id = await newAsset(person, { name: "a.mp4" });
  const headers = { "transfer-encoding": "chunked", "content-type": "application/json" };
  for (
    const [method, path] of [["PUT", `/assets/${id}/content`], ["POST", "/jobs"], ["POST", "/auth/login"]]
  ) {
    let pulls = 0;
    const raw = new ReadableStream<Uint8Array>({ pull: () => void pulls++ }, { highWaterMark: 0 });
    await expectProblem(
      person.send(method ?? "", path ?? "", { raw, headers }),
      411,
      "request.length_required",
    );
    assertEquals(pulls, 0);
  }
});

Deno.test("an announced size over the limit is refused before a byte is read", async () => {
  const person = await signUpCreator(makeStudio());
  const id = await newAsset(person, { name: "a.mp4" });
  let pulls = 0;
  const raw = new ReadableStream<Uint8Array>({ pull: () => void pulls++ }, { highWaterMark: 0 });
  const headers = { "content-length": "99999999999" };
  await expectProblem(person.send("PUT", `/assets/${id}/content`, { raw, headers }), 413, "asset.too_large");
  assertEquals(pulls, 0);
});

Deno.test("content of another kind than announced is refused", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await newAsset(person, { name: "sound", kind: "image" });
  assertEquals(await expectProblem(putContent(person, id, FILES.wav), 422, "asset.wrong_kind"), ["kind"]);
  assertEquals(studio.kept.files.size, 0);
});

Deno.test("the same bytes may be put again, other bytes may not", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await upload(person, "png", { name: "a" });
  await person.json(WithId, 200, putContent(person, id, FILES.png));
  await expectProblem(putContent(person, id, FILES.wav), 409, "request.conflict");
  assertEquals(studio.kept.assets.get(id)?.content?.kind, "image");
});

Deno.test("a full disk refuses uploads", async () => {
  const studio = makeStudio({ diskBytesMin: 1e12 });
  const person = await signUpCreator(studio);
  const id = await newAsset(person, { name: "a.png" });
  await expectProblem(putContent(person, id, FILES.png), 507, "storage.full");
});

Deno.test("[XC15] no name from outside becomes a path, a device or a header of its own", async () => {
  assertEquals(cleanName("../../etc/passwd"), "passwd");
  assertEquals(cleanName("C:\\Users\\me\\film.mp4"), "film.mp4");
  assertEquals(cleanName("a\u0000b\r\nSet-Cookie: x.png"), "abSet-Cookie_ x.png");
  assertEquals(cleanName("con.png"), "_con.png");
  assertEquals(cleanName("...."), "file");
  assertEquals(cleanName("photo\u202egnp.exe"), "photognp.exe");
  assertEquals(cleanName(`${"x".repeat(300)}.mp4`).length, 120);
  assert(cleanName(`${"x".repeat(300)}.mp4`).endsWith(".mp4"));
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  await upload(person, "png", { name: "../../../etc/cron.d/x.png" });
  for (const name of studio.kept.files.keys()) assertMatch(name, /^([0-9a-f]{64}\.png|thumb\.webp)$/);
});

Deno.test("an asset goes to the trash unless a live job uses it; there it can be looked at, and no longer used", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const job = await makeJob(person);
  const used = studio.kept.jobs.get(job)?.assets[0]?.assetId ?? "";
  const refusals: [Partial<JobRecord>, RegExp][] = [
    [{ status: "created" }, /“Mika walks along the harbour” has not been started yet.*Start it.*or cancel/],
    [{ status: "executing" }, /running job still uses/],
    [{ status: "executing", paused: true }, /“Mika walks along the harbour” is paused.*Resume it.*or cancel/],
  ];
  const Told = z.looseObject({ code: z.literal("asset.in_use"), title: z.string() });
  for (const [change, sentence] of refusals) {
    changeJob(studio.kept, job, change);
    const told = await person.json(Told, 409, person.send("DELETE", `/assets/${used}`));
    assertMatch(told.title, sentence);
  }
  changeJob(studio.kept, job, { status: "completed" });
  assertEquals((await person.send("DELETE", `/assets/${used}`)).status, 204);
  assertEquals((await (await person.get(`/assets/${used}`)).json()).trashedAt, "2026-11-21T12:00:00.000Z");
  assertEquals((await person.get(`/assets/${used}/thumbnail`)).status, 200);
  const list = await person.json(z.object({ items: z.array(WithId) }), 200, person.get("/assets"));
  assert(!list.items.some(({ id }) => id === used));
  await expectProblem(putContent(person, used, FILES.png), 404, "request.not_found");
  await expectProblem(person.send("DELETE", `/assets/${used}`), 404, "request.not_found");
  const body = {
    ...await animateBody(person),
    assets: { groundTruth: used, motionVideo: await upload(person, "mp4") },
  };
  assertEquals(await expectProblem(person.post("/jobs", body), 422, "asset.missing"), ["assets.groundTruth"]);
});

Deno.test("assets page by a cursor that tells nothing twice and leaves nothing out", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const made: string[] = [];
  for (let n = 0; n < 7; n++) made.unshift(await newAsset(person, { name: `${n}.png` }));
  const Page = z.object({ items: z.array(WithId), next: z.string().nullable() });
  const seen: string[] = [];
  let next: string | null = "";
  while (next !== null) {
    const at: string = next === "" ? "" : `&cursor=${next}`;
    const page: z.infer<typeof Page> = await person.json(Page, 200, person.get(`/assets?limit=3${at}`));
    seen.push(...page.items.map(({ id }) => id));
    next = page.next;
  }
  assertEquals(seen, made);
  assertEquals(await expectProblem(person.get("/assets?cursor=bm9uc2Vuc2U"), 422, "request.invalid"), [
    "cursor",
  ]);
  assertEquals(await expectProblem(person.get("/assets?limit=1000"), 422, "request.invalid"), ["limit"]);
});

Deno.test("[AX41] thumbnails of pictures and clips come from a part that can be replaced, and sound has none", async () => {
  const studio = makeStudio();
  const asked: string[] = [];
  studio.thumbnail = (file, kind) => {
    asked.push(`${kind} ${file.ext}`);
    if (kind === "audio") return Promise.resolve(null);
    const name = `made-of-${kind}.webp`;
    studio.kept.files.set(name, new TextEncoder().encode(`another maker's ${kind}`));
    return Promise.resolve(name);
  };
  const person = await signUpCreator(studio);
  for (const [file, kind] of [["png", "image"], ["mp4", "video"]] as const) {
    const id = await upload(person, file);
    const answer = await person.get(`/assets/${id}/thumbnail`);
    assertEquals([answer.status, await answer.text()], [200, `another maker's ${kind}`]);
  }
  const sound = await upload(person, "wav");
  await expectProblem(person.get(`/assets/${sound}/thumbnail`), 404, "request.not_found");
  assertEquals(asked, ["image png", "video mp4", "audio wav"]);
});

Deno.test("[AX42] a file answers one range, a suffix, an open end, If-Range, HEAD and 416", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const path = `/assets/${await upload(person, "png")}/file`;
  const whole = await person.get(path);
  const etag = whole.headers.get("etag") ?? "";
  assertEquals(new Uint8Array(await whole.arrayBuffer()), FILES.png);
  assertEquals(whole.headers.get("accept-ranges"), "bytes");
  const cases: [Record<string, string>, number, string | null, number][] = [
    [{ range: "bytes=10-19" }, 206, "bytes 10-19/100", 10],
    [{ range: "bytes=-5" }, 206, "bytes 95-99/100", 5],
    [{ range: "bytes=90-" }, 206, "bytes 90-99/100", 10],
    [{ range: "bytes=90-500" }, 206, "bytes 90-99/100", 10],
    [{ range: "bytes=0-1,4-5" }, 200, null, 100],
    [{ range: "bytes=100-" }, 416, "bytes */100", 0],
    [{ range: "bytes=-0" }, 416, "bytes */100", 0],
    [{ range: "bytes=10-19", "if-range": etag }, 206, "bytes 10-19/100", 10],
    [{ range: "bytes=10-19", "if-range": '"other"' }, 200, null, 100],
    [{ "if-none-match": etag }, 304, null, 0],
  ];
  for (const [headers, status, range, bytes] of cases) {
    const answer = await person.get(path, headers);
    const body = await answer.arrayBuffer();
    assertEquals(
      [answer.status, answer.headers.get("content-range"), body.byteLength],
      [status, range, bytes],
      JSON.stringify(headers),
    );
  }
  const head = await person.send("HEAD", path, { headers: { range: "bytes=10-19" } });
  assertEquals([head.status, head.headers.get("content-length"), head.body], [206, "10", null]);
});

Deno.test("a range that ends before it starts is no range at all", () => {
  assertEquals(parseRange("bytes=5-2", 10), null);
  assertEquals(parseRange("items=0-1", 10), null);
  assertEquals(parseRange("bytes=0-0", 10), { start: 0, end: 0 });
  assertEquals(parseRange("bytes=0-", 0), "outside");
});

Deno.test("a download is named after title and day, and a draft says so", () => {
  const createdAt = Date.UTC(2026, 10, 21);
  assertEquals(
    downloadName({ title: "Harbour", createdAt, engine: "comfy" }, { ext: "mp4" }),
    "Harbour - 2026-11-21.mp4",
  );
  const draft = downloadName({ title: "A/B: \u0000", createdAt, engine: "draft" }, { ext: "mp4" });
  assertEquals(draft, "B_ - 2026-11-21 - draft.mp4");
});

Deno.test("an upload that waits for its sender gives up when the studio ends, and nothing of it is kept", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await newAsset(person, { name: "a.mp4" });
  const waits = Promise.withResolvers<void>();
  let sent = 0;
  const raw = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ === 0) return controller.enqueue(bigFilm(8192));
      waits.resolve();
      return new Promise(() => {});
    },
  }, { highWaterMark: 0 });
  const headers = { "content-length": "100000" };
  const answer = person.send("PUT", `/assets/${id}/content`, { raw, headers });
  await waits.promise;
  studio.giveUp.abort();
  await expectProblem(answer, 503, "studio.busy");
  assertEquals([studio.kept.files.size, studio.kept.assets.get(id)?.content], [0, null]);
});

Deno.test("a sender that hangs up in the middle leaves a cut file behind on its own side alone", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  let sent = 0;
  const raw = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ === 0) controller.enqueue(bigFilm(8192));
      else controller.error(new Error("connection reset"));
    },
  }, { highWaterMark: 0 });
  const film = await newAsset(person, { name: "a.mp4" });
  await expectProblem(person.send("PUT", `/assets/${film}/content`, { raw }), 422, "asset.truncated");
  assertEquals([studio.kept.files.size, studio.kept.assets.get(film)?.content], [0, null]);
  assertEquals(studio.kept.logs.filter((line) => !line.startsWith("request answered")), []);
});
