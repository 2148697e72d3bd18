/** The WebSocket side: who is connected, what they negotiated, and how messages and binary frames are sent. */
import type { Ids, Log } from "@/core/ports.ts";
import { renderExact } from "./exact.ts";
import type { Settings } from "./faults.ts";
import { isRecord, type Json } from "./python.ts";

/** Larger frames from a client close its socket. */
const INBOUND_MAX_BYTES = 4 * 1024 * 1024;

interface Client {
  socket: WebSocket;
  flags: Json;
}

export interface PreviewPlace {
  nodeId: string;
  promptId: string;
}

export interface SocketHooks {
  ids: Ids;
  log: Log;
  settings: () => Settings;
  /** What a new socket is told first. */
  status: () => Json;
  features: () => Json;
  /** The node that runs now for this client, or null. */
  runningNode: (sid: string) => string | null;
}

export class Sockets {
  /** By session id: a later connection with the same id takes the place of the earlier one. */
  readonly #clients = new Map<string, Client>();
  readonly #open = new Set<WebSocket>();
  readonly #hooks: SocketHooks;

  constructor(hooks: SocketHooks) {
    this.#hooks = hooks;
  }

  accept(request: Request): Response {
    const asked = new URL(request.url).searchParams.get("clientId") ?? "";
    const sid = asked === "" ? this.#hooks.ids.uuid4().replaceAll("-", "") : asked;
    // ComfyUI sends no pings; 0 keeps Deno from sending its own.
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    const client: Client = { socket, flags: {} };
    socket.addEventListener("open", () => this.#welcome(sid, client));
    let isFirst = true;
    socket.addEventListener("message", (event) => {
      this.#hear(sid, event.data, { client, isFirst });
      isFirst = false;
    });
    socket.addEventListener("close", () => this.#forget(sid, client));
    socket.addEventListener("error", () => this.#hooks.log.debug("a socket broke", { sid }));
    return response;
  }

  /** To the session, or to everybody when the session is null. */
  send(type: string, data: unknown, sid: string | null): void {
    const text = renderExact({ type, data });
    for (const client of this.#listeners(sid)) this.#deliver(client, text);
  }

  /** With the place in front for clients that negotiated it, else bare. Only sessions negotiate, so a broadcast is bare. */
  sendPreview(
    picture: { bytes: Uint8Array; type: "image/jpeg" | "image/png" },
    place: PreviewPlace,
    sid: string | null,
  ): void {
    const frame = this.knowsMetadata(sid) ? framePlaced(picture, place) : frameBare(picture);
    for (const client of this.#listeners(sid)) this.#deliver(client, frame);
  }

  sendText(text: string, nodeId: string, sid: string | null): void {
    const node = new TextEncoder().encode(nodeId);
    const frame = joinFrame([3, node.length], [node, new TextEncoder().encode(text)]);
    for (const client of this.#listeners(sid)) this.#deliver(client, frame);
  }

  knowsMetadata(sid: string | null): boolean {
    return sid !== null && this.#clients.get(sid)?.flags.supports_preview_metadata === true;
  }

  /** Says goodbye to everybody, in order. */
  closeAll(): void {
    for (const socket of this.#open) if (socket.readyState === WebSocket.OPEN) socket.close(1001);
  }

  get count(): number {
    return this.#open.size;
  }

  #welcome(sid: string, client: Client): void {
    this.#clients.set(sid, client);
    this.#open.add(client.socket);
    this.#deliver(client, JSON.stringify({ type: "status", data: { status: this.#hooks.status(), sid } }));
    const node = this.#hooks.runningNode(sid);
    if (node !== null) this.#deliver(client, JSON.stringify({ type: "executing", data: { node } }));
  }

  #hear(sid: string, data: unknown, of: { client: Client; isFirst: boolean }): void {
    const size = typeof data === "string" ? data.length : data instanceof ArrayBuffer ? data.byteLength : 0;
    if (size > INBOUND_MAX_BYTES) return of.client.socket.close(1009);
    if (!of.isFirst || typeof data !== "string") return;
    const message = parseText(data);
    if (!isRecord(message) || message.type !== "feature_flags" || !isRecord(message.data)) return;
    of.client.flags = message.data;
    this.#hooks.log.debug("features negotiated", { sid });
    this.#deliver(of.client, JSON.stringify({ type: "feature_flags", data: this.#hooks.features() }));
  }

  #forget(sid: string, client: Client): void {
    this.#open.delete(client.socket);
    const isCurrent = this.#clients.get(sid) === client;
    if (isCurrent || this.#hooks.settings().reconnectDefect) this.#clients.delete(sid);
  }

  #listeners(sid: string | null): Iterable<Client> {
    if (sid === null) return this.#clients.values();
    const client = this.#clients.get(sid);
    return client === undefined ? [] : [client];
  }

  #deliver(client: Client, message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#hooks.settings().mute || client.socket.readyState !== WebSocket.OPEN) return;
    client.socket.send(message);
  }
}

function frameBare(picture: { bytes: Uint8Array; type: string }): Uint8Array<ArrayBuffer> {
  return joinFrame([1, picture.type === "image/jpeg" ? 1 : 2], [picture.bytes]);
}

function framePlaced(
  picture: { bytes: Uint8Array; type: string },
  place: PreviewPlace,
): Uint8Array<ArrayBuffer> {
  const meta = new TextEncoder().encode(JSON.stringify({
    node_id: place.nodeId,
    prompt_id: place.promptId,
    display_node_id: place.nodeId,
    parent_node_id: null,
    real_node_id: place.nodeId,
    image_type: picture.type,
  }));
  return joinFrame([4, meta.length], [meta, picture.bytes]);
}

/** Big-endian 32-bit words, then the parts. */
function joinFrame(words: number[], parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(words.length * 4 + parts.reduce((sum, part) => sum + part.length, 0));
  const view = new DataView(frame.buffer);
  words.forEach((word, at) => view.setUint32(at * 4, word));
  let at = words.length * 4;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
