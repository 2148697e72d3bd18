/** `deno task take`: files in, plans and graphs without a server, films with one. */
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openDraft } from "@/tests/rig/rig.ts";
import { takeCommand } from "@/tasks/take.ts";
import { findPromptFiles } from "@/tasks/take/files.ts";
import { nameOf } from "@/tasks/take/folders.ts";
import { advance, describeLine, type Line } from "@/tasks/take/lines.ts";
import { unzip } from "@/adapters/system/unzip.ts";

const LIMIT = { framesMax: 36_000 };
const SAMPLES = "static/samples/takes";

async function withFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "animatrix-take-" });
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function take(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; text: string }> {
  let text = "";
  const code = await takeCommand(args, env, (said) => text += said);
  return { code, text };
}

/** A ZIP with one stored and one deflated file. */
function zipOf(files: [string, string][]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [index, [name, text]] of files.entries()) {
    const plain = new TextEncoder().encode(text);
    const packed = index % 2 === 0 ? plain : new Uint8Array(deflateRawSync(plain));
    const path = new TextEncoder().encode(name);
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    local.setUint16(26, path.length, true);
    const entry = new DataView(new ArrayBuffer(46));
    entry.setUint32(0, 0x02014b50, true);
    entry.setUint16(10, index % 2 === 0 ? 0 : 8, true);
    entry.setUint32(20, packed.length, true);
    entry.setUint32(24, plain.length, true);
    entry.setUint16(28, path.length, true);
    entry.setUint32(42, at, true);
    parts.push(new Uint8Array(local.buffer), path, packed);
    directory.push(new Uint8Array(entry.buffer), path);
    at += 30 + path.length + packed.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(10, files.length, true);
  end.setUint32(16, at, true);
  const all = [...parts, ...directory, new Uint8Array(end.buffer)];
  const zip = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of all) {
    zip.set(part, offset);
    offset += part.length;
  }
  return zip;
}

Deno.test("[PR7] a folder, a zip and single files are read, each with its own report, and what stands beside a file belongs to it", async () => {
  await withFolder(async (dir) => {
    const good = "a.mp4\n\n20\n\nA harbour\n";
    await Deno.writeTextFile(join(dir, "1.txt"), good);
    await Deno.writeTextFile(join(dir, "2.txt"), "b.mp4\n\nmany\n\nA harbour\n");
    await Deno.writeTextFile(join(dir, "1.png"), "");
    await Deno.writeTextFile(join(dir, "1.mp4"), "");
    await Deno.writeFile(
      join(dir, "more.zip"),
      zipOf([["x/3.txt", good], ["4.txt", good], ["5.txt", "c"], ["notes.md", ""]]),
    );
    const found = await findPromptFiles([dir, join(dir, "more.zip"), join(dir, "gone.txt")], LIMIT);
    assertEquals(found.map(({ path, file, faults }) => [path.slice(dir.length), file?.name, faults.length]), [
      ["/1.txt", "a", 0],
      ["/2.txt", undefined, 1],
      ["/more.zip/x/3.txt", "a", 0],
      ["/more.zip/4.txt", "a", 0],
      ["/more.zip/5.txt", undefined, 2],
      ["/gone.txt", undefined, 1],
    ]);
    assertEquals([found[0]?.image, found[0]?.video], [join(dir, "1.png"), join(dir, "1.mp4")]);
    const { code, text } = await take([join(dir, "more.zip"), "--validate", "--out", dir]);
    assertEquals(code, 2);
    assert(text.includes("more.zip/4.txt: 20 frames") && text.includes("block 2, line"), text);
  });
});

Deno.test("damaged zips, huge files and files of nothing are refused with a sentence", async () => {
  await withFolder(async (dir) => {
    const whole = zipOf([["1.txt", "a"], ["2.txt", "b".repeat(1000)]]);
    await Deno.writeFile(join(dir, "cut.zip"), whole.slice(0, whole.length - 30));
    await Deno.writeFile(join(dir, "huge.txt"), new Uint8Array(50_000_000));
    await Deno.writeFile(join(dir, "empty.txt"), new Uint8Array(0));
    await Deno.mkdir(join(dir, "nothing"));
    const paths = ["cut.zip", "huge.txt", "empty.txt", "nothing"].map((name) => join(dir, name));
    const found = await findPromptFiles(paths, LIMIT);
    assertEquals(found.map(({ file, faults }) => [file, faults.length]), paths.map(() => [null, 1]));
    assertEquals(unzip(whole, 500).get("2.txt"), null);
  });
});

Deno.test("wrong options end with 2 and say why", async () => {
  for (
    const args of [[], ["x.txt", "--chunk", "many"], ["x.txt", "--bogus"], ["x.txt", "--size", "big"], [
      "gone.txt",
    ]]
  ) {
    const { code, text } = await take(args);
    assertEquals(code, 2, args.join(" "));
    assert(text.length > 10);
  }
  const { code, text } = await take([
    `${SAMPLES}/paper_boat.txt`,
    "--chunk",
    "10",
    "--overlap",
    "10",
    "--validate",
  ]);
  assertEquals([code, text.includes("take.overlap: must be less")], [2, true]);
});

Deno.test("[PR32] a dry run gives the plan and every graph without asking a server", async () => {
  await withFolder(async (out) => {
    const args = [`${SAMPLES}/harbour_walk.txt`, "--chunk", "20", "--dry-run", "--out", out];
    // A server that would refuse every connection is named: nobody asks it.
    const { code, text } = await take([...args, "--comfy", "http://127.0.0.1:9"]);
    assertEquals(code, 0, text);
    assert(text.includes("high-005") && text.includes("join"), text);
    const dir = join(out, "harbour_walk", "plan");
    const names = [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
    assertEquals(names, [
      ...[1, 2, 3, 4, 5, 6].map((n) => `job_00${n}.json`),
      "jobs.json",
    ]);
    const fourth = JSON.parse(await Deno.readTextFile(join(dir, "job_004.json")));
    assertEquals(fourth.load_latent.inputs.latent, "latents/job_003.latent");
    assertEquals(fourth.ref.inputs.image, "references/job_002_ref.png");
    const again = await take(args);
    const { jobs } = JSON.parse(await Deno.readTextFile(join(dir, "jobs.json")));
    assertEquals([again.code, jobs.length], [0, 6]);
  });
});

Deno.test("[PR33] a line tells job, phase and a percentage that never falls", () => {
  const line: Line = { name: "walk", share: 0, from: 0, begunMs: 0 };
  const steps = ["high-001", "low-002", "high-003", "low-004"].map((id, at) => ({
    id,
    state: at < 2 ? "done" : "pending",
  }));
  const job = {
    id: "j",
    title: "walk",
    mode: "take",
    status: "executing",
    stage: "Part 2 of 2, first pass",
    problem: null,
    createdAt: "",
    steps,
  };
  const texts = [0.5, 0.4, 0.62].map((share) => {
    advance(line, { ...job, share });
    return describeLine(line, { ...job, share }, 10_000);
  });
  assertEquals(texts, [
    "walk  job 3 of 4  Part 2 of 2, first pass   50 %  about 0:10 left",
    "walk  job 3 of 4  Part 2 of 2, first pass   50 %  about 0:10 left",
    "walk  job 3 of 4  Part 2 of 2, first pass   62 %  about 0:06 left",
  ]);
});

Deno.test("[PR26] takes are made, laid out under the names of the source, and gone on with by name", async () => {
  await withFolder(async (out) => {
    const draft = await openDraft(join(out, "draft"));
    const env = { DRAFT_URL: draft.url, DISK_MIN_GB: "0", SWEEP_MS: "500" };
    const args = ["--chunk", "16", "--size", "320x320", "--preset", "fast", "--keep", "--out", out];
    try {
      // Braces in a prompt file are words, and no alternatives.
      const file = join(out, "paper_boat.txt");
      await Deno.writeTextFile(file, "paper_boat.mp4\n\n20\n\nA {paper|wooden} boat on a stream\n");
      const { code, text } = await take([file, ...args], env);
      assertEquals(code, 0, text);
      assertEquals(nameOf("combine-002", "film"), "combined/combined_002.mp4");
      const files = [
        "latents/job_001.latent",
        "videos/job_002.mp4",
        "references/job_002_ref.png",
        "latents/job_003.latent",
      ];
      for (const name of [...files, "final/paper_boat.mp4", "final/paper_boat.json"]) {
        assert((await Deno.stat(join(out, "paper_boat", name))).size > 0, name);
      }
      assert(text.includes("paper_boat  completed  2"), text);
      const resumed = await take(["--resume", "paper_boat", "--out", out], env);
      assertEquals([resumed.code, resumed.text.includes("paper_boat  completed")], [0, true], resumed.text);
      // Without --keep there is the film alone: what it was made from went as it was made.
      await Deno.writeTextFile(join(out, "raft.txt"), "raft.mp4\n\n9\n\nA raft\n");
      const bare = await take([join(out, "raft.txt"), ...args.filter((arg) => arg !== "--keep")], env);
      assertEquals(bare.code, 0, bare.text);
      assertEquals(Array.from(Deno.readDirSync(join(out, "raft")), ({ name }) => name), ["final"]);
      const nobody = await take(["--resume", "nobody", "--out", out], env);
      assertEquals([nobody.code, nobody.text.includes("Known: raft, paper_boat.")], [2, true], nobody.text);
    } finally {
      await draft.close();
    }
  });
});

Deno.test("[PR35] a disk that is too full stops takes before they begin, with an end of its own", async () => {
  await withFolder(async (out) => {
    const env = { DRAFT_URL: "off", DISK_MIN_GB: "99999" };
    const { code, text } = await take([`${SAMPLES}/paper_boat.txt`, "--out", out], env);
    assertEquals([code, text.includes("99999")], [3, true], text);
  });
});
