/** Progress of the nodes of one prompt, in the shape and the order in which ComfyUI tells it. */
import type { Sockets } from "./socket.ts";

interface NodeProgress {
  value: number;
  max: number;
  state: "running" | "finished";
}

type Picture = { bytes: Uint8Array; type: "image/jpeg" | "image/png" };

export class ProgressBoard {
  readonly #nodes = new Map<string, NodeProgress>();
  readonly #promptId: string;
  readonly #clientId: string | null;
  readonly #sockets: Sockets;
  #tick: { nodeId: string; step: { value: number; max: number } | null; picture: Picture | null } | null =
    null;
  #closed = false;

  constructor(options: { promptId: string; clientId: string | null; sockets: Sockets }) {
    this.#promptId = options.promptId;
    this.#clientId = options.clientId;
    this.#sockets = options.sockets;
  }

  start(nodeId: string): void {
    this.#put(nodeId, { value: 0, max: 1, state: "running" });
  }

  finish(nodeId: string): void {
    this.flush();
    const max = this.#nodes.get(nodeId)?.max ?? 1;
    this.#put(nodeId, { value: max, max, state: "finished" });
  }

  /**
   * A step and its picture belong together whichever comes first, so both are sent when the node yields:
   * `progress_state`, then the picture before or after `progress`, by what the client negotiated.
   */
  step(nodeId: string, step: { value: number; max: number }): void {
    if (this.#tick?.step) this.flush();
    this.#later(nodeId).step = step;
  }

  preview(nodeId: string, picture: Picture): void {
    if (this.#tick?.picture) this.flush();
    this.#later(nodeId).picture = picture;
  }

  text(nodeId: string, text: string): void {
    this.flush();
    if (!this.#closed) this.#sockets.sendText(text, nodeId, this.#clientId);
  }

  flush(): void {
    const tick = this.#tick;
    this.#tick = null;
    if (tick === null || this.#closed) return;
    const { nodeId, step, picture } = tick;
    if (step !== null) this.#put(nodeId, { ...step, state: "running" });
    const place = { nodeId, promptId: this.#promptId };
    const isEarly = picture !== null && this.#sockets.knowsMetadata(this.#clientId);
    if (isEarly) this.#sockets.sendPreview(picture, place, this.#clientId);
    if (step !== null) {
      const data = { value: step.value, max: step.max, prompt_id: this.#promptId, node: nodeId };
      this.#sockets.send("progress", data, this.#clientId);
    }
    if (picture !== null && !isEarly) this.#sockets.sendPreview(picture, place, this.#clientId);
  }

  /** Nothing is sent any more: the prompt is over, whatever its nodes still do. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  #later(nodeId: string): { step: { value: number; max: number } | null; picture: Picture | null } {
    if (this.#tick === null) {
      this.#tick = { nodeId, step: null, picture: null };
      queueMicrotask(() => this.flush());
    }
    return this.#tick;
  }

  #put(nodeId: string, progress: NodeProgress): void {
    if (this.#closed) return;
    this.#nodes.set(nodeId, progress);
    const nodes: Record<string, unknown> = {};
    for (const [id, node] of this.#nodes) {
      nodes[id] = {
        ...node,
        node_id: id,
        prompt_id: this.#promptId,
        display_node_id: id,
        parent_node_id: null,
        real_node_id: id,
      };
    }
    this.#sockets.send("progress_state", { prompt_id: this.#promptId, nodes }, this.#clientId);
  }
}
