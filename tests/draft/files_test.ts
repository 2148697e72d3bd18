/** Uploads and downloads as recorded: names that are kept, reused, changed and refused. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { type Rig, withDraft } from "./rig.ts";

async function upload(rig: Rig, file: File | string, more: Record<string, string> = {}, field = "image") {
  const form = new FormData();
  if (typeof file === "string") form.append(field, file);
  else form.append(field, file);
  for (const [name, value] of Object.entries(more)) form.append(name, value);
  return await rig.ask("/upload/image", { method: "POST", body: form });
}

const png = (text: string, name = "up.png") => new File([text], name, { type: "image/png" });

Deno.test("an upload is reused for equal bytes, renamed for others, and replaced on demand", async () => {
  await withDraft({}, async (rig) => {
    const kept = (name: string, subfolder = "", type = "input") => ({ name, subfolder, type });
    assertEquals((await upload(rig, png("a"))).json, kept("up.png"));
    assertEquals((await upload(rig, png("a"))).json, kept("up.png"));
    assertEquals((await upload(rig, png("b"))).json, kept("up (1).png"));
    assertEquals((await upload(rig, png("b"))).json, kept("up (1).png"));
    assertEquals((await upload(rig, png("c"), { overwrite: "True" })).json, kept("up (2).png"));
    assertEquals((await upload(rig, png("d"), { overwrite: "true" })).json, kept("up.png"));
    assertEquals(await Deno.readTextFile(`${rig.dir}/input/up.png`), "d");
    assertEquals((await upload(rig, png("e"), { subfolder: "clips/x" })).json, kept("up.png", "clips/x"));
    assertEquals((await upload(rig, png("f"), { type: "temp" })).json, kept("up.png", "", "temp"));
    assertEquals((await upload(rig, png("g", "Mädchen 日本.png"))).json, kept("Mädchen 日本.png"));
    assertEquals((await upload(rig, new File(["MZ"], "x.exe"))).json, kept("x.exe"));
  });
});

Deno.test("bad uploads are refused with the recorded statuses, and nothing leaves the folder", async () => {
  await withDraft({ uploadMaxBytes: 1000 }, async (rig) => {
    const statusOf = async (reply: ReturnType<typeof upload>) => (await reply).status;
    assertEquals(await statusOf(upload(rig, png("a"), { type: "bogus" })), 500);
    assertEquals(await statusOf(upload(rig, png("a"), { subfolder: "../.." })), 400);
    assertEquals(await statusOf(upload(rig, png("a", "../../x.png"))), 400);
    assertEquals(await statusOf(upload(rig, png("a"), {}, "file")), 400);
    assertEquals(await statusOf(upload(rig, "text")), 500);
    assertEquals((await rig.ask("/upload/image", { method: "POST", body: "{}" })).status, 400);
    const large = await upload(rig, png("x".repeat(2000)));
    assertEquals([large.status, large.type, large.text], [
      413,
      "text/plain",
      "Maximum request body size 1000 exceeded.",
    ]);
    assertEquals([...Deno.readDirSync(`${rig.dir}/input`)].length, 0);
    assertEquals([...Deno.readDirSync(rig.dir)].map((entry) => entry.name).sort(), [
      "input",
      "output",
      "temp",
    ]);
  });
});

Deno.test("a mask needs a picture that is there", async () => {
  await withDraft({}, async (rig) => {
    await upload(rig, png("a"));
    const send = async (filename: string) => {
      const form = new FormData();
      form.append("image", png("mask", "mask.png"));
      form.append("original_ref", JSON.stringify({ filename, type: "input", subfolder: "" }));
      return await rig.ask("/upload/mask", { method: "POST", body: form });
    };
    assertEquals((await send("up.png")).json, { name: "mask.png", subfolder: "", type: "input" });
    assertEquals((await send("nope.png")).status, 404);
    assertEquals((await send("../x.png")).status, 403);
  });
});

Deno.test("files are viewed with the recorded statuses and types", async () => {
  await withDraft({}, async (rig) => {
    await upload(rig, png("picture"));
    await upload(rig, new File(["film"], "v.mp4"), { subfolder: "clips/x" });
    await upload(rig, new File(["<script>"], "page.html"), { type: "output" });
    const cases: [string, number, string][] = [
      ["filename=up.png&type=input", 200, "image/png"],
      ["filename=v.mp4&subfolder=clips/x&type=input", 200, "video/mp4"],
      ["filename=nope.png", 404, "application/octet-stream"],
      ["filename=../x.png", 400, "application/octet-stream"],
      ["filename=/etc/passwd", 400, "application/octet-stream"],
      ["filename=up.png&type=bogus", 400, "application/octet-stream"],
      ["filename=up.png&type=input&subfolder=../..", 403, "application/octet-stream"],
      ["filename=up.png [input]", 200, "image/png"],
      ["", 404, "application/octet-stream"],
      ["filename=page.html", 200, "application/octet-stream"],
    ];
    for (const [query, status, type] of cases) {
      for (const prefix of ["", "/api"]) {
        const reply = await rig.ask(`${prefix}/view?${query}`);
        assertEquals([reply.status, reply.type], [status, type], query);
      }
    }
  });
});

Deno.test("downloads answer HEAD, ranges, tags, and conditions on them", async () => {
  await withDraft({}, async (rig) => {
    await upload(rig, new File(["0123456789"], "v.mp4"), { type: "output" });
    const view = async (headers: Record<string, string>, method = "GET") => {
      const response = await fetch(`${rig.draft.url}/view?filename=v.mp4`, { method, headers });
      return { status: response.status, text: await response.text(), headers: response.headers };
    };
    const head = await view({}, "HEAD");
    assertEquals([head.status, head.text, head.headers.get("content-length")], [200, "", "10"]);
    const tag = head.headers.get("etag") ?? "";
    const part = await view({ range: "bytes=2-4" });
    assertEquals([part.status, part.text, part.headers.get("content-range")], [206, "234", "bytes 2-4/10"]);
    assertEquals((await view({ range: "bytes=7-" })).text, "789");
    assertEquals((await view({ range: "bytes=-2" })).text, "89");
    const beyond = await view({ range: "bytes=10-" });
    assertEquals([beyond.status, beyond.headers.get("etag")], [416, null]);
    assertEquals((await view({ range: "bytes=2-4", "if-range": tag })).status, 206);
    // A part comes also of a file that is another by now: only its tag tells.
    const other = await view({ range: "bytes=2-4", "if-range": '"other"' });
    assertEquals([other.status, other.headers.get("etag")], [206, tag]);
    for (const known of [tag, "*"]) assertEquals((await view({ "if-none-match": known })).status, 304);
  });
});

Deno.test("routes exist with and without their prefix, and answer emptiness where ComfyUI does", async () => {
  await withDraft({}, async (rig) => {
    for (
      const path of ["/prompt", "/queue", "/history", "/features", "/system_stats", "/models", "/embeddings"]
    ) {
      assertEquals(
        (await rig.ask(path)).text.slice(0, 60),
        (await rig.ask(`/api${path}`)).text.slice(0, 60),
        path,
      );
    }
    assertEquals((await rig.ask("/jobs")).status, 404);
    assertEquals((await rig.ask("/api/api/jobs")).status, 200);
    assertEquals((await rig.ask("/nope")).status, 404);
    assertEquals((await rig.ask("/object_info/Nope")).text, "{}");
    assertEquals((await rig.ask("/api/assets")).status, 503);
    const wrong = await rig.ask("/prompt", { method: "PUT" });
    assertEquals([wrong.status, wrong.text], [405, "405: Method Not Allowed"]);
    assertEquals((await rig.post("/queue", { delete: null })).status, 500);
    assertEquals((await rig.ask("/api/jobs?status=")).json, (await rig.ask("/api/jobs")).json);
    for (const path of ["/queue", "/history", "/free", "/interrupt"]) {
      const reply = await rig.post(path, {});
      assertEquals([reply.status, reply.type, reply.text], [200, "application/octet-stream", ""], path);
    }
    for (const path of ["/queue", "/history", "/free"]) {
      const reply = await rig.ask(path, { method: "POST", body: "{bad" });
      assertEquals([reply.status, reply.type], [500, "text/plain"], path);
    }
    assertEquals((await rig.ask("/history?max_items=abc")).status, 500);
    assertEquals((await rig.ask("/api/jobs?limit=0")).json, { error: "limit must be a positive integer" });
    const strange = await rig.ask("/api/jobs?status=bogus");
    assert(
      strange.text.includes("Invalid status value(s): bogus. Valid values: pending, in_progress, completed"),
    );
  });
});

Deno.test("temp is emptied at the start and at the end, input and output stay", async () => {
  const dir = await Deno.makeTempDir();
  for (const folder of ["temp", "output"]) {
    await Deno.mkdir(`${dir}/${folder}`);
    await Deno.writeTextFile(`${dir}/${folder}/old.txt`, "old");
  }
  await withDraft({ dir }, async (rig) => {
    assertEquals((await rig.ask("/view?filename=old.txt&type=temp")).status, 404);
    assertEquals((await rig.ask("/view?filename=old.txt")).text, "old");
    await Deno.writeTextFile(`${dir}/temp/new.txt`, "new");
  });
  assertEquals([...Deno.readDirSync(dir)].map((entry) => entry.name).sort(), ["input", "output"]);
  await Deno.remove(dir, { recursive: true });
});
