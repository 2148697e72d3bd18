/** Plain values, arithmetic and switches. */
import type { NodeContext, NodeKind, NodeResult } from "../../contract.ts";
import { evaluate } from "../expression.ts";
import { type Inputs, kind } from "../kind.ts";
import { numbered, saveAs, saveTarget } from "../naming.ts";
import { refuse } from "../values.ts";

function math(inputs: Inputs): unknown[] {
  const values = new Map(
    inputs.grown("values").map(([name, value]): [string, number] => [name, Number(value)]),
  );
  const result = evaluate(inputs.text("expression"), values);
  if (!Number.isFinite(result)) throw refuse("The expression gives no finite number.");
  return [result, Math.trunc(result), result !== 0];
}

async function saveText(inputs: Inputs, context: NodeContext): Promise<NodeResult> {
  const text = inputs.text("text");
  const target = await saveTarget(context, { prefix: inputs.text("filename_prefix") });
  const name = numbered(target, { ending: `.${inputs.text("format", "txt")}` });
  const file = await saveAs(target, { name, write: (path) => Deno.writeTextFile(path, text) });
  return { outputs: [text], ui: { text: [text], files: [file] } };
}

function showAny(inputs: Inputs): NodeResult {
  const source = inputs.raw.source;
  const plain = source === null || typeof source !== "object";
  const text = plain ? String(source) : source.constructor.name;
  return { outputs: [text], ui: { text: [text] } };
}

/** Only the chosen branch is computed: both inputs are lazy. */
const chooser = {
  ...kind((inputs) => [inputs.raw[chosen(inputs.raw)]]),
  needs: (inputs: Record<string, unknown>): string[] => [chosen(inputs)],
};

function chosen(inputs: Record<string, unknown>): string {
  return inputs.switch === true ? "on_true" : "on_false";
}

export const logicKinds: Record<string, NodeKind> = {
  PrimitiveInt: kind((inputs) => [inputs.raw.value]),
  PrimitiveFloat: kind((inputs) => [inputs.number("value")]),
  PrimitiveBoolean: kind((inputs) => [inputs.bool("value")]),
  PrimitiveString: kind((inputs) => [inputs.text("value")]),
  INTConstant: kind((inputs) => [inputs.raw.value]),
  ComfyMathExpression: kind(math),
  ComfySwitchNode: chooser,
  PreviewAny: kind(showAny),
  SaveText: kind(saveText),
};
