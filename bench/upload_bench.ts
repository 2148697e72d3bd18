/** Resident memory of the studio's process while 1 GB comes in through the HTTP API. */
import { z } from "zod";
import { openStage, type Stage } from "./server.ts";
import { print } from "./report.ts";

const MB = 1_048_576;
const UPLOAD_MB = 1024;
const BLOCK_BYTES = 65_536;

export async function benchUpload(): Promise<void> {
  const stage = await openStage({ LOG_LEVEL: "error", DRAFT_URL: "off", MEDIA_ENGINE: "auto" }, 1);
  try {
    const before = await residentMb(stage.studio.pid);
    let peak = before;
    let over = false;
    const watching = (async () => {
      while (!over) {
        peak = Math.max(peak, await residentMb(stage.studio.pid));
        await new Promise((wake) => setTimeout(wake, 50));
      }
    })();
    const from = performance.now();
    // A WAV whose samples are silence: a real file of the right length, made as it is sent.
    const answered = await put(stage, makeWave(UPLOAD_MB), UPLOAD_MB * MB);
    const seconds = (performance.now() - from) / 1000;
    over = true;
    await watching;
    print({ bench: "upload.rss.before", value: before, unit: "MB" });
    print({ bench: "upload.rss.peak", value: peak, unit: "MB", target: "< 200", answered });
    print({ bench: "upload.speed", value: UPLOAD_MB / seconds, unit: "MB per second" });
  } finally {
    await stage.end();
  }
}

/** As browsers send a file: with its length. Deno's `fetch` would send a stream in chunks without one. */
async function put(
  { studio, person }: Stage,
  content: ReadableStream<Uint8Array>,
  bytes: number,
): Promise<string> {
  const { hostname, port, host } = new URL(studio.url);
  const { id } = await person.json(z.looseObject({ id: z.string() }), "POST", "/assets", {
    name: "long.wav",
  });
  using conn = await Deno.connect({ hostname, port: Number(port) });
  const head = [
    `PUT /api/assets/${id}/content HTTP/1.1`,
    `host: ${host}`,
    `cookie: ${person.cookie}`,
    "content-type: application/octet-stream",
    `content-length: ${bytes}`,
    "connection: close",
  ];
  const write = async (part: Uint8Array) => {
    for (let done = 0; done < part.length;) done += await conn.write(part.subarray(done));
  };
  await write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
  for await (const part of content) await write(part);
  const answer = new Uint8Array(65_536);
  const length = await conn.read(answer) ?? 0;
  return new TextDecoder().decode(answer.subarray(0, length)).split("\r\n", 1)[0] ?? "";
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
