/** The doctor's look at this machine: Deno, media engine, data folder, disk, KV and database. */
import { dirname, resolve } from "node:path";
import { statfs } from "node:fs/promises";
import { describeMedia } from "@/adapters/media/mod.ts";
import type { Config } from "@/core/config.ts";
import type { Finding } from "@/core/finding.ts";
import type { Clock } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import { MIGRATIONS } from "@/db/migrations/mod.ts";
import { openReader } from "@/db/sqlite.ts";
import { loadKeys } from "../keys.ts";
import { isOpenToOthers } from "../privacy.ts";

/** The version that this repository is tested with. */
const DENO_TESTED = "2.9.5";

export async function examineHouse(config: Config, clock: Clock): Promise<Finding[]> {
  return [
    examineDeno(),
    await examineMedia(config, clock),
    await examineFolder(config.DATA_DIR),
    await examineDisk(config),
    await examineKeys(config),
    await examineKv(config),
    await examineDatabase(config),
  ];
}

function examineDeno(): Finding {
  const { deno, v8 } = Deno.version;
  const part = "Deno";
  const text = `${deno}, V8 ${v8}`;
  if (deno === DENO_TESTED) return { part, state: "ok", text };
  return { part, state: "note", text, remedy: `The studio is tested with ${DENO_TESTED}.` };
}

async function examineMedia(config: Config, clock: Clock): Promise<Finding> {
  const part = "media engine";
  const { engine, version, reason } = await describeMedia({
    choice: config.MEDIA_ENGINE,
    ffmpegPath: config.FFMPEG_PATH,
    clock,
  });
  if (engine === null) {
    return {
      part,
      state: "bad",
      text: reason,
      remedy: "Install ffmpeg with ffprobe, set FFMPEG_PATH, or set MEDIA_ENGINE=auto.",
    };
  }
  return { part, state: "ok", text: `${engine} ${version}. ${reason}` };
}

/** The nearest folder that exists on the way to a path. */
async function findExisting(path: string): Promise<string> {
  for (let at = resolve(path);; at = dirname(at)) {
    const found = await Deno.stat(at).catch(() => null);
    if (found !== null || dirname(at) === at) return at;
  }
}

async function examineFolder(dataDir: string): Promise<Finding> {
  const part = "data folder";
  const existing = await findExisting(dataDir);
  try {
    await Deno.remove(await Deno.makeTempFile({ dir: existing, prefix: ".doctor-" }));
  } catch (thrown) {
    const remedy = "Give the account that runs the studio write access, or set another DATA_DIR.";
    return { part, state: "bad", text: `${existing} cannot be written to (${String(thrown)})`, remedy };
  }
  if (existing === resolve(dataDir) && await isOpenToOthers(existing)) {
    const text = `${existing}, writable, and other accounts of this machine may read it`;
    return {
      part,
      state: "note",
      text,
      remedy: "The next start takes that away; chmod 700 does it at once.",
    };
  }
  if (existing === resolve(dataDir)) return { part, state: "ok", text: `${existing}, writable` };
  return { part, state: "ok", text: `${resolve(dataDir)} is made at the first start` };
}

async function examineDisk(config: Config): Promise<Finding> {
  const part = "disk";
  try {
    const { bavail, bsize } = await statfs(await findExisting(config.DATA_DIR));
    const freeGb = bavail * bsize / 1e9;
    const text = `${freeGb.toFixed(1)} GB free; nothing new starts below ${config.DISK_MIN_GB} GB`;
    if (freeGb >= config.DISK_MIN_GB) return { part, state: "ok", text };
    return { part, state: "bad", text, remedy: "Free some space, or lower DISK_MIN_GB." };
  } catch (thrown) {
    return { part, state: "note", text: `free space is unknown (${String(thrown)})` };
  }
}

/** Reads the keys as a start would, but never makes them. */
async function examineKeys(config: Config): Promise<Finding> {
  const part = "keys";
  const refuse = () => {
    throw new Deno.errors.NotFound();
  };
  try {
    await loadKeys(config, refuse);
    return { part, state: "ok", text: "SECRET_KEY and SESSION_SECRET are there" };
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) {
      return { part, state: "ok", text: "made at the first start, in the data folder" };
    }
    const found = problemOf(thrown);
    return { part, state: "bad", text: found.operator ?? found.message, remedy: "See README.md, Settings." };
  }
}

async function examineKv(config: Config): Promise<Finding> {
  const part = "KV";
  if (!config.WAKE.includes("kv")) {
    return { part, state: "note", text: `not used, as WAKE is ${config.WAKE}` };
  }
  try {
    // The queue's own file belongs to the running studio alone; whether this Deno has a KV is seen in memory.
    const kv = await Deno.openKv(":memory:");
    kv.close();
  } catch (thrown) {
    const remedy = "The studio works without it, woken by hints and the sweeper. Deno needs --unstable-kv.";
    return { part, state: "note", text: `cannot be opened (${String(thrown)})`, remedy };
  }
  const path = `${config.DATA_DIR}/wake.kv`;
  const there = await Deno.stat(path).then(() => true, () => false);
  return { part, state: "ok", text: there ? `works, queue in ${path}` : "works" };
}

async function examineDatabase(config: Config): Promise<Finding> {
  const part = "database";
  const url = config.DATABASE_URL;
  if (url !== "" && !url.startsWith("sqlite:")) {
    const remedy = "Leave DATABASE_URL empty or set sqlite:PATH.";
    return { part, state: "bad", text: "this version stores in SQLite only", remedy };
  }
  const path = url === "" ? `${config.DATA_DIR}/studio.db` : url.slice("sqlite:".length);
  if (await Deno.stat(path).then(() => false, () => true)) {
    return { part, state: "ok", text: `${path} is made at the first start` };
  }
  try {
    const reader = openReader(path);
    try {
      return judgeMigrations(path, await reader.selectFrom("migration").select("name").execute());
    } finally {
      await reader.destroy();
    }
  } catch (thrown) {
    const remedy = "Stop the studio and restore the file from a backup: deploy/RUNBOOK.md, Backup.";
    return { part, state: "bad", text: `${path} cannot be read (${String(thrown)})`, remedy };
  }
}

function judgeMigrations(path: string, applied: { name: string }[]): Finding {
  const part = "database";
  const known = MIGRATIONS.map(({ name }) => name);
  const foreign = applied.filter(({ name }) => !known.includes(name)).map(({ name }) => name);
  if (foreign.length > 0) {
    const text = `${path} was made by a newer version (${foreign.join(", ")})`;
    return { part, state: "bad", text, remedy: "Start that version, or restore an older backup." };
  }
  const missing = known.filter((name) => !applied.some((row) => row.name === name));
  if (missing.length === 0) {
    return { part, state: "ok", text: `${path}, ${known.length} migrations, up to date` };
  }
  return {
    part,
    state: "note",
    text: `${path} is brought up to date at the next start: ${missing.join(", ")}`,
  };
}
