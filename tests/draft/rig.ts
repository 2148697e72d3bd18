/** A draft renderer on a free port, its clients, and the questions that tests ask. */
import { z } from "zod";
import { systemIds } from "@/adapters/system/ids.ts";
import type { Clock, Log } from "@/core/ports.ts";
import { type Draft, type DraftOptions, startDraft } from "@/draft/server.ts";
import { MemoryMedia } from "./nodes/memory_media.ts";
import { testLibrary } from "./nodes_for_tests.ts";
import { canon } from "./recordings.ts";

export interface Reply {
  status: number;
  type: string;
  text: string;
  json: unknown;
}

/** A clock whose timers hold up the test: with the port closed, nothing else would. */
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const Accepted = z.looseObject({ prompt_id: z.string(), number: z.number() });

/** What one socket heard, in order. */
export interface Listener {
  heard: string[];
  frames: Uint8Array[];
  raw: unknown[];
  closed: { code: number; clean: boolean } | null;
  send: (message: unknown) => void;
  close: () => Promise<void>;
}

export interface Rig {
  draft: Draft;
  dir: string;
  ask: (path: string, init?: RequestInit) => Promise<Reply>;
  post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
  /** Posts a prompt and gives its id. */
  submit: (
    graph: unknown,
    more?: Record<string, unknown>,
    headers?: Record<string, string>,
  ) => Promise<string>;
  listen: (clientId?: string) => Promise<Listener>;
  /** Resolves with the history entry. */
  ended: (promptId: string) => Promise<unknown>;
}

/** Runs a test against a server of its own, and cleans up whatever happens. */
export async function withDraft(
  options: Partial<DraftOptions>,
  test: (rig: Rig) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const media = new MemoryMedia();
  const draft = await startDraft({
    port: 0,
    dir,
    library: testLibrary,
    media,
    log: quiet,
    clock,
    ids: systemIds(),
    ...options,
  });
  const listeners: Listener[] = [];
  try {
    await test(makeRig(draft, { dir, listeners }));
  } finally {
    for (const listener of listeners) await listener.close();
    await draft.close();
    await Deno.remove(dir, { recursive: true });
  }
}

function makeRig(draft: Draft, of: { dir: string; listeners: Listener[] }): Rig {
  const ask: Rig["ask"] = async (path, init) => {
    const response = await fetch(`${draft.url}${path}`, init);
    const text = await response.text();
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    return {
      status: response.status,
      type,
      text,
      json: type === "application/json" ? JSON.parse(text) : null,
    };
  };
  const post: Rig["post"] = (path, body, headers) =>
    ask(path, { method: "POST", body: body === undefined ? null : JSON.stringify(body), headers });
  return {
    draft,
    dir: of.dir,
    ask,
    post,
    async submit(graph, more, headers) {
      const reply = await post("/prompt", { prompt: graph, ...more }, headers);
      if (reply.status !== 200) throw new Error(`refused: ${reply.text}`);
      return Accepted.parse(reply.json).prompt_id;
    },
    async listen(clientId) {
      const listener = await openListener(draft, clientId);
      of.listeners.push(listener);
      return listener;
    },
    async ended(promptId) {
      let entry: unknown;
      await until(async () => {
        const { json } = await ask(`/history/${promptId}`);
        entry = z.record(z.string(), z.unknown()).parse(json)[promptId];
        return entry !== undefined;
      });
      return entry;
    },
  };
}

async function openListener(draft: Draft, clientId?: string): Promise<Listener> {
  const query = clientId === undefined ? "" : `?clientId=${clientId}`;
  const socket = new WebSocket(`${draft.url.replace("http", "ws")}/ws${query}`);
  socket.binaryType = "arraybuffer";
  const over = Promise.withResolvers<void>();
  const listener: Listener = {
    heard: [],
    frames: [],
    raw: [],
    closed: null,
    send: (message) => socket.send(JSON.stringify(message)),
    async close() {
      if (socket.readyState === WebSocket.OPEN) socket.close();
      await over.promise;
    },
  };
  socket.addEventListener("message", ({ data }) => {
    if (data instanceof ArrayBuffer) {
      listener.frames.push(new Uint8Array(data));
      listener.heard.push(`binary ${new DataView(data).getUint32(0)}`);
    } else {
      listener.raw.push(JSON.parse(data));
      listener.heard.push(canon(JSON.parse(data)));
    }
  });
  socket.addEventListener("error", () => {});
  socket.addEventListener("close", (event) => {
    listener.closed = { code: event.code, clean: event.wasClean };
    over.resolve();
  });
  await until(() => listener.heard.length > 0 || listener.closed !== null);
  return listener;
}

/** Looks again and again until it is so; throws when it takes too long. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs = 8000): Promise<void> {
  const end = clock.monotonic() + limitMs;
  while (!(await isSo())) {
    if (clock.monotonic() > end) throw new Error("waited too long");
    await clock.sleep(4);
  }
}

/** True once the last message of a prompt has come. */
export function isOver(listener: Listener): boolean {
  return listener.heard.some((line) => line.includes('"type":"executing"') && line.includes('"node":null'));
}
