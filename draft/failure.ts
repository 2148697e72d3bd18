/** How a node's end is told: failures with ComfyUI's exception types, tips and described inputs. */
import { NodeFailure } from "./contract.ts";
import { type Json, PythonError } from "./python.ts";

export const OOM_TYPE = "torch.OutOfMemoryError";
export const OOM_MESSAGE = "Allocation on device 0 would exceed allowed memory. (out of memory)";
const OOM_TIPS = "This error means you ran out of memory on your GPU.\n\n" +
  "TIPS: If the workflow worked before you might have accidentally set the batch_size to a large number.";

/** A described input is cut after this many characters; ComfyUI itself writes whole tensors. */
const INPUT_CHARS_MAX = 4000;

/** Thrown into a node when its prompt is interrupted. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
    this.name = "Interrupted";
  }
}

export function describeFailure(problem: unknown, className: string): Json {
  const type = nameType(problem);
  const text = problem instanceof Error ? problem.message : String(problem);
  return {
    exception_message: `${text}\n${type === OOM_TYPE ? OOM_TIPS : ""}`,
    exception_type: type,
    traceback: [
      '  File "ComfyUI/execution.py", in execute\n',
      '  File "ComfyUI/execution.py", in get_output_data\n',
      `  File "draft/nodes", in ${className}\n`,
    ],
  };
}

function nameType(problem: unknown): string {
  if (problem instanceof NodeFailure) return problem.exceptionType;
  return problem instanceof PythonError ? problem.type : "RuntimeError";
}

/** ComfyUI maps nodes over lists, so each input is shown as a list of one. */
export function describeInputs(inputs: Json): Json {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, [describeValue(value)]]));
}

function describeValue(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value;
  if (typeof value === "string") return value.slice(0, INPUT_CHARS_MAX);
  if (ArrayBuffer.isView(value)) return `<${value.constructor.name} of ${value.byteLength} bytes>`;
  return `<${value.constructor?.name ?? "object"} with ${Object.keys(value).slice(0, 20).join(", ")}>`;
}
