/** Resident memory of the studio's process while 1 GB comes in through the HTTP API, with its length and without. */
import { z } from "zod";
import { openStage, type Stage } from "./server.ts";
import { sendByWire } from "@/tests/rig/wire.ts";
import { print } from "./report.ts";

const MB = 1_048_576;
const UPLOAD_MB = 1024;
const BLOCK_BYTES = 65_536;

export async function benchUpload(): Promise<void> {
  const stage = await openStage({ LOG_LEVEL: "error", DRAFT_URL: "off", MEDIA_ENGINE: "auto" }, 1);
  try {
    // A WAV whose samples are silence: a real file of the right length, made as it is sent.
    const whole = await watch(stage, UPLOAD_MB * MB);
    print({ bench: "upload.rss.before", value: whole.before, unit: "MB" });
    print({
      bench: "upload.rss.peak",
      value: whole.peak,
      unit: "MB",
      target: "< 200",
      answered: whole.status,
    });
    print({ bench: "upload.speed", value: UPLOAD_MB / whole.seconds, unit: "MB per second" });
    const chunked = await watch(stage, null);
    print({ bench: "upload.chunked.rss.peak", value: chunked.peak, unit: "MB", answered: chunked.status });
    print({ bench: "upload.chunked.refused_after", value: chunked.seconds * 1000, unit: "ms" });
  } finally {
    await stage.end();
  }
}

interface Seen {
  status: number;
  seconds: number;
  before: number;
  peak: number;
}

/** One upload with this length, or in chunks without one, and the server's memory meanwhile. */
async function watch({ studio, person }: Stage, bytes: number | null): Promise<Seen> {
  const before = await residentMb(studio.pid);
  let peak = before;
  let over = false;
  const watching = (async () => {
    while (!over) {
      peak = Math.max(peak, await residentMb(studio.pid));
      await new Promise((wake) => setTimeout(wake, 50));
    }
  })();
  const { id } = await person.json(z.looseObject({ id: z.string() }), "POST", "/assets", {
    name: "long.wav",
  });
  const request = { method: "PUT", path: `/api/assets/${id}/content`, cookie: person.cookie, bytes };
  const from = performance.now();
  const { status } = await sendByWire(studio.url, request, makeWave(UPLOAD_MB));
  const seconds = (performance.now() - from) / 1000;
  over = true;
  await watching;
  return { status, seconds, before, peak };
}

function makeWave(megabytes: number): ReadableStream<Uint8Array> {
  const dataBytes = megabytes * MB - 44;
  const head = new DataView(new ArrayBuffer(44));
  const word = (at: number, text: string) =>
    [...text].forEach((char, n) => head.setUint8(at + n, char.charCodeAt(0)));
  word(0, "RIFF");
  head.setUint32(4, dataBytes + 36, true);
  word(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 2, true);
  head.setUint32(24, 48_000, true);
  head.setUint32(28, 192_000, true);
  head.setUint16(32, 4, true);
  head.setUint16(34, 16, true);
  word(36, "data");
  head.setUint32(40, dataBytes, true);
  const block = new Uint8Array(BLOCK_BYTES);
  let left = dataBytes;
  return new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(head.buffer)),
    pull(controller) {
      const part = block.subarray(0, Math.min(left, block.byteLength));
      left -= part.byteLength;
      if (part.byteLength > 0) controller.enqueue(part);
      if (left === 0) controller.close();
    },
  });
}

/** From /proc, in megabytes; NaN where there is none. */
async function residentMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const kb = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
  return kb === undefined ? NaN : Number(kb) / 1024;
}
