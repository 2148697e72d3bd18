/** Reads the WebSocket messages of ComfyUI. What is unknown or damaged is null, never an error. */
import { Frame as FrameSchema, FrameData, PreviewMeta } from "./schemas.ts";
import { readJson } from "./problems.ts";

export type WireEvent =
  | { kind: "status"; remaining: number | null; sid: string | null }
  | { kind: "started"; promptId: string }
  | { kind: "cached"; promptId: string; nodes: string[] }
  | { kind: "executing"; promptId: string | null; node: string }
  | { kind: "progress"; promptId: string | null; node: string | null; value: number; max: number }
  | {
    kind: "state";
    promptId: string;
    nodes: { id: string; value: number; max: number; finished: boolean }[];
  }
  | { kind: "executed"; promptId: string | null; node: string | null }
  /** `success` comes before history is written, `idle` after it. */
  | { kind: "end"; promptId: string; how: "success" | "error" | "interrupted" | "idle" }
  | {
    kind: "preview";
    promptId: string | null;
    node: string | null;
    bytes: Uint8Array;
    type: "image/jpeg" | "image/png";
  };

/** Rule 21: servers add types, custom nodes invent their own, and neither may end a job. */
export function readFrame(frame: string | Uint8Array): WireEvent | null {
  return typeof frame === "string" ? readText(frame) : readBinary(frame);
}

function readText(text: string): WireEvent | null {
  const frame = FrameSchema.safeParse(readJson(text));
  if (!frame.success) return null;
  const { type, data } = frame.data;
  switch (type) {
    case "status": {
      const read = FrameData.status.safeParse(data);
      if (!read.success) return null;
      const remaining = read.data.status?.exec_info.queue_remaining ?? null;
      return { kind: "status", remaining, sid: read.data.sid ?? null };
    }
    case "execution_start": {
      const read = FrameData.execution_start.safeParse(data);
      return read.success ? { kind: "started", promptId: read.data.prompt_id } : null;
    }
    case "execution_cached": {
      const read = FrameData.execution_cached.safeParse(data);
      return read.success ? { kind: "cached", promptId: read.data.prompt_id, nodes: read.data.nodes } : null;
    }
    case "executing":
      return readExecuting(data);
    case "progress": {
      const read = FrameData.progress.safeParse(data);
      if (!read.success) return null;
      const { prompt_id, node, value, max } = read.data;
      return { kind: "progress", promptId: prompt_id ?? null, node: node ?? null, value, max };
    }
    case "progress_state":
      return readState(data);
    case "executed": {
      const read = FrameData.executed.safeParse(data);
      if (!read.success) return null;
      const { prompt_id, node, display_node } = read.data;
      return { kind: "executed", promptId: prompt_id ?? null, node: display_node ?? node ?? null };
    }
    default:
      return readEnd(type, data);
  }
}

/** `executing` with no node ends a prompt; after a re-connect it comes without a prompt id and means nothing. */
function readExecuting(data: unknown): WireEvent | null {
  const read = FrameData.executing.safeParse(data);
  if (!read.success) return null;
  const { prompt_id, node, display_node } = read.data;
  const promptId = prompt_id ?? null;
  const shown = display_node ?? node ?? null;
  if (shown !== null) return { kind: "executing", promptId, node: shown };
  return promptId === null ? null : { kind: "end", promptId, how: "idle" };
}

function readState(data: unknown): WireEvent | null {
  const read = FrameData.progress_state.safeParse(data);
  if (!read.success) return null;
  const nodes = Object.entries(read.data.nodes).map(([id, { value, max, state, display_node_id }]) => {
    // An expanded node keeps its dotted id, which tells that it is only a part of the node shown.
    const shown = id.includes(".") ? id : display_node_id ?? id;
    return { id: shown, value, max, finished: state === "finished" };
  });
  return { kind: "state", promptId: read.data.prompt_id, nodes };
}

function readEnd(type: string, data: unknown): WireEvent | null {
  if (type === "execution_success" || type === "execution_interrupted") {
    const read = FrameData[type].safeParse(data);
    if (!read.success) return null;
    const how = type === "execution_success" ? "success" as const : "interrupted" as const;
    return { kind: "end", promptId: read.data.prompt_id, how };
  }
  if (type !== "execution_error") return null;
  const read = FrameData.execution_error.safeParse(data);
  // A verbose ExecutionBlocker reports an error and the prompt goes on.
  if (!read.success || read.data.exception_type === "ExecutionBlocked") return null;
  return { kind: "end", promptId: read.data.prompt_id, how: "error" };
}

/** Event 1 is a bare preview, 4 one with metadata, 3 text of a node (not shown). Big-endian numbers. */
function readBinary(frame: Uint8Array): WireEvent | null {
  if (frame.byteLength < 9) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const event = view.getUint32(0);
  if (event === 1) {
    const format = view.getUint32(4);
    if (format !== 1 && format !== 2) return null;
    const type = format === 1 ? "image/jpeg" as const : "image/png" as const;
    return { kind: "preview", promptId: null, node: null, bytes: frame.slice(8), type };
  }
  if (event !== 4) return null;
  const length = view.getUint32(4);
  if (8 + length > frame.byteLength) return null;
  const meta = PreviewMeta.safeParse(readJson(new TextDecoder().decode(frame.subarray(8, 8 + length))));
  if (!meta.success) return null;
  const { prompt_id, node_id, display_node_id, image_type } = meta.data;
  return {
    kind: "preview",
    promptId: prompt_id ?? null,
    node: display_node_id ?? node_id ?? null,
    bytes: frame.slice(8 + length),
    type: image_type === "image/png" ? "image/png" : "image/jpeg",
  };
}
