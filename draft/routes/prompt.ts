/** `/prompt`: how many wait, and the way in for a graph. */
import { Hono } from "hono";
import type { Desk } from "../desk.ts";
import { findFault, type PromptFault, readMs } from "../faults.ts";
import { isFile, resolveLoaded } from "../folders.ts";
import { isRecord, type Json, PythonError, toFloat, toStr } from "../python.ts";
import { type Prompt, type PromptGraph, type PromptNode } from "../queue.ts";
import { validatePrompt, type Verdict } from "../validate.ts";
import { answerBroken, answerJson, readJson } from "./answers.ts";

const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Keys of paid nodes: they reach the nodes and no listing. */
const SENSITIVE = ["auth_token_comfy_org", "api_key_comfy_org"];

export function promptRoutes(desk: Desk): Hono {
  const routes = new Hono();
  routes.get("/prompt", () => answerJson(desk.life().status()));
  routes.post("/prompt", async (c) => {
    const faults = desk.faults.takeFor(c.req.header("x-draft-fault") ?? null);
    const body = await readJson(c.req.raw, desk.uploadMaxBytes);
    if (findFault(faults, "lose_request")) return answerBroken();
    const answer = await acceptPrompt(body, {
      desk,
      faults,
      usageSource: c.req.header("comfy-usage-source") ?? null,
    });
    const late = findFault(faults, "late_response");
    if (late) await desk.clock.sleep(readMs(late, 200), desk.closing);
    return findFault(faults, "lose_response") ? answerBroken() : answer;
  });
  return routes;
}

interface Arrival {
  desk: Desk;
  faults: PromptFault[];
  usageSource: string | null;
}

async function acceptPrompt(body: unknown, arrival: Arrival): Promise<Response> {
  const { desk, faults } = arrival;
  const fields: Json = isRecord(body) ? body : requireList(body);
  const number = readNumber(fields, desk);
  if (!("prompt" in fields)) {
    return answerJson(refusal("no_prompt", "No prompt provided", "No prompt provided"), 400);
  }
  const id = readId(fields, desk);
  if (id === null) {
    const details =
      "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one";
    return answerJson(refusal("invalid_prompt_id", "prompt_id must be a valid UUID", details), 400);
  }
  const graph = readGraph(fields.prompt);
  const verdict = await judge(graph, fields, arrival);
  const extra = readExtra(fields, arrival);
  if (verdict.error !== null) {
    return answerJson({ error: verdict.error, node_errors: verdict.nodeErrors }, 400);
  }
  const prompt: Prompt = { number, id, graph: checkedGraph(graph), extra, outputs: verdict.outputs, faults };
  desk.life().queue.put(prompt);
  desk.log.debug("prompt accepted", { prompt: id });
  return answerJson({ prompt_id: id, number, node_errors: verdict.nodeErrors });
}

/** A JSON list or text has no fields, which Python finds out without complaint; other values are errors. */
function requireList(body: unknown): Json {
  if (Array.isArray(body) || typeof body === "string") return {};
  throw new PythonError("TypeError", "argument of this type is not iterable");
}

function readNumber(fields: Json, desk: Desk): number {
  if ("number" in fields) return toFloat(fields.number);
  const number = desk.life().takeNumber();
  // Python knows no negative zero among integers.
  return fields.front && number !== 0 ? -number : number;
}

/** Null for an id that this version refuses. */
function readId(fields: Json, desk: Desk): string | null {
  if (!desk.traits.uuidRule && "prompt_id" in fields) return toStr(fields.prompt_id);
  const id = fields.prompt_id ?? null;
  if (id === null) return desk.ids.uuid4();
  return typeof id === "string" && CANONICAL_UUID.test(id) ? id : null;
}

function readGraph(prompt: unknown): Json {
  if (isRecord(prompt)) return prompt;
  if (Array.isArray(prompt) && prompt.length === 0) return {};
  throw new PythonError("TypeError", "the prompt is no object");
}

async function judge(graph: Json, fields: Json, arrival: Arrival): Promise<Verdict> {
  const { desk, faults } = arrival;
  const verdict = await validatePrompt(graph, fields.partial_execution_targets, {
    book: desk.book,
    traits: desk.traits,
    hasFile: async (value) => {
      const path = resolveLoaded(desk.folders, value);
      return path !== null && await isFile(path);
    },
  });
  const reject = findFault(faults, "reject");
  const partly = findFault(faults, "node_errors");
  if (verdict.error !== null || (!reject && !partly)) return verdict;
  return spoil(verdict, graph, {
    type: String((reject ?? partly)?.value ?? "value_not_in_list"),
    isWhole: !!reject,
  });
}

/** The verdict of a server that misses something this one has. */
function spoil(verdict: Verdict, graph: Json, how: { type: string; isWhole: boolean }): Verdict {
  const [output = ""] = verdict.outputs;
  const node = graph[output];
  const reason = {
    type: how.type,
    message: "Refused on purpose",
    details: "the draft renderer was told to refuse this prompt",
    extra_info: { input_name: "draft" },
  };
  const class_type = isRecord(node) ? String(node.class_type) : "";
  const nodeErrors = { [output]: { errors: [reason], dependent_outputs: [output], class_type } };
  if (!how.isWhole) {
    const rest = verdict.outputs.slice(1);
    return { error: null, outputs: rest.length > 0 ? rest : verdict.outputs, nodeErrors };
  }
  const error = {
    type: "prompt_outputs_failed_validation",
    message: "Prompt outputs failed validation",
    details: `${reason.message}: ${reason.details}`,
    extra_info: {},
  };
  return { error, outputs: [], nodeErrors };
}

function readExtra(fields: Json, arrival: Arrival): Json {
  const given = "extra_data" in fields ? fields.extra_data : {};
  if (!isRecord(given)) throw new PythonError("TypeError", "extra_data is no object");
  const extra: Json = { ...given };
  if ("client_id" in fields) extra.client_id = fields.client_id;
  if (arrival.usageSource !== null) extra.comfy_usage_source = arrival.usageSource;
  if (!arrival.desk.traits.createTime) return extra;
  for (const key of SENSITIVE) delete extra[key];
  extra.create_time = arrival.desk.clock.now();
  return extra;
}

/** After validation every node has a class; nodes that no output needs may still lack inputs. */
function checkedGraph(graph: Json): PromptGraph {
  const checked: PromptGraph = {};
  for (const [id, node] of Object.entries(graph)) {
    const fields = isRecord(node) ? node : {};
    const known: PromptNode = {
      ...fields,
      class_type: String(fields.class_type),
      inputs: isRecord(fields.inputs) ? fields.inputs : {},
    };
    checked[id] = known;
  }
  return checked;
}

function refusal(type: string, message: string, details: string): Json {
  return { error: { type, message, details, extra_info: {} }, node_errors: {} };
}
