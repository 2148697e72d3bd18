/** Turns what goes wrong with a ComfyUI into problems: plain words for people, nodes and raw text for operators alone. */
import { fail, type Problem, problem, type ProblemOptions, StudioError } from "@/core/problem.ts";
import {
  type ExecutionError,
  ExecutionError as ExecutionErrorSchema,
  type NodeError,
  type RejectReply,
  RejectReply as RejectSchema,
  type RunGraph,
} from "./schemas.ts";

const OPERATOR_MAX = 2000;

/** Text of the far side: one paragraph, capped, without the traceback that may follow. */
export function clip(text: string, max = OPERATOR_MAX): string {
  const plain = text.replace(/Traceback \(most recent call last\)[\s\S]*/u, "").trim();
  return plain.length > max ? `${plain.slice(0, max)}…` : plain;
}

/** Out of memory is worth another try after `/free`; any other error of a node would come again. */
export function executionProblem(raw: unknown, graph: RunGraph): Problem {
  const parsed = ExecutionErrorSchema.safeParse(raw);
  const error: ExecutionError = parsed.success ? parsed.data : {};
  const operator = clip(
    `${nodeText(graph, error.node_id, error.node_type)}${error.exception_type ?? "Error"}: ${
      firstPart(error.exception_message ?? "")
    }`,
  );
  return problem(isOutOfMemory(error) ? "comfy.out_of_memory" : "comfy.execution", { operator });
}

/** `torch.OutOfMemoryError`, in older versions `torch.cuda.OutOfMemoryError`; some nodes wrap it in a RuntimeError. */
export function isOutOfMemory(error: ExecutionError): boolean {
  return /OutOfMemory/i.test(error.exception_type ?? "") ||
    /\b(out of|not enough) memory\b/i.test(firstPart(error.exception_message ?? ""));
}

/** ComfyUI adds tips after the first paragraph. */
function firstPart(message: string): string {
  return message.split(/\n\s*\n|\nTIPS/u)[0] ?? "";
}

function nodeText(graph: RunGraph, id?: string | null, type?: string | null): string {
  if (id === null || id === undefined) return "";
  const title = graph?.[id]?._meta?.title;
  return `Node ${id}${title === undefined ? "" : ` "${title}"`}${type ? ` (${type})` : ""}: `;
}

/** The refusal of a prompt: a 400, or a 200 with node errors. `graph` names the nodes for operators. */
export function rejection(
  reply: { error?: RejectReply["error"]; node_errors?: Record<string, NodeError> | null },
  graph: RunGraph,
) {
  const errors = Object.entries(reply.node_errors ?? {});
  const all = errors.flatMap(([, node]) => node.errors);
  const lines = errors.flatMap(([id, node]) =>
    node.errors.map((error) =>
      `${nodeText(graph, id, node.class_type)}${error.message}${error.details ? `: ${error.details}` : ""}`
    )
  );
  const { error } = reply;
  const head = error === undefined
    ? "Accepted with node errors"
    : `${titleOf(error, graph)}${error.type} ${error.message} ${error.details}`;
  const operator = clip([head.trim(), ...lines].join("\n"));
  if (error !== undefined && isMissingNode(error)) return fail("comfy.missing_node", { operator });
  const missing = all.filter(isMissingModel);
  if (missing.length > 0 && missing.length === all.length) {
    return fail("comfy.missing_model", { detail: { missing: missing.length }, operator });
  }
  return fail("comfy.rejected", { operator });
}

/** Servers up to 0.8.0 name a node of an unknown class by its id alone. */
function titleOf(error: RejectReply["error"], graph: RunGraph): string {
  const [, id = null] = /^Node ID '#(.*)'$/.exec(error.details) ?? [];
  return nodeText(graph, error.extra_info?.node_id ?? id, null);
}

/** Servers up to 0.8.0 say `invalid_prompt` for an unknown class. */
function isMissingNode(error: RejectReply["error"]): boolean {
  return error.type === "missing_node_type" ||
    (error.type === "invalid_prompt" && /does not exist|not found|no class_type/i.test(error.message));
}

function isMissingModel(error: NodeError["errors"][number]): boolean {
  return error.type === "value_not_in_list" &&
    /: '[^']*\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)' not in/i.test(error.details);
}

export interface Reply {
  status: number;
  /** Media type without parameters. */
  type: string;
  text: string;
  path: string;
  retryAfter: string | null;
}

/** A reply that is no success. HTML comes from something between us and ComfyUI, which never sends any. */
export function replyProblem(reply: Reply): StudioError {
  const operator = clip(`${reply.status} ${reply.type} from ${reply.path}: ${reply.text}`, 500);
  if (reply.status === 413) return tooLarge(reply.text, operator);
  if (reply.status === 400) {
    const parsed = RejectSchema.safeParse(readJson(reply.text));
    if (parsed.success) return rejection(parsed.data, null);
    return fail("comfy.rejected", { operator });
  }
  const foreign = reply.type === "text/html" || [401, 403, 407, 429].includes(reply.status) ||
    (reply.status > 500 && reply.status < 600);
  if (foreign) return fail("comfy.proxy", { operator, ...retryAfter(reply.retryAfter) });
  return fail("comfy.protocol", { operator });
}

export function tooLarge(text: string, operator: string): StudioError {
  const limit = /size (\d+) exceeded/.exec(text)?.[1];
  return fail("comfy.too_large", { operator, ...(limit ? { detail: { limitBytes: Number(limit) } } : {}) });
}

function retryAfter(header: string | null): ProblemOptions {
  if (header === null || !/^\d+$/.test(header)) return {};
  return { retryAfterMs: Number(header) * 1000 };
}

export function unreachable(operator: string, cause?: unknown): StudioError {
  return fail("comfy.unreachable", { operator: clip(operator, 500) }, cause);
}

/** Undefined when the text is no JSON. */
export function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
