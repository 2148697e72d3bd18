/** Holds answers against the OpenAPI document: whether status, type and body are as it says, and what was reached. */
import { z } from "zod";
import { assert } from "@/tests/assert.ts";

const Schema = z.looseObject({});
const Media = z.looseObject({ schema: Schema.optional() });
const Answer = z.looseObject({ content: z.record(z.string(), Media).optional() });
const Parameter = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  schema: Schema,
});
const Operation = z.looseObject({
  parameters: z.array(Parameter).default([]),
  requestBody: z.looseObject({ content: z.record(z.string(), Media) }).optional(),
  responses: z.record(z.string(), Answer),
  security: z.array(z.record(z.string(), z.array(z.string()))),
});
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), Schema) }),
});

export type JsonSchema = z.infer<typeof Schema>;
export interface Call extends z.infer<typeof Operation> {
  /** As in `POST /jobs/{id}/edit`. */
  name: string;
  method: string;
  /** Without `/api`. */
  path: string;
}

export class Contract {
  readonly calls: Call[];
  readonly schemas: Record<string, JsonSchema>;
  readonly reached = new Map<string, Set<number>>();
  /** Where answers were not as the document says. */
  readonly broken: string[] = [];

  constructor(document: unknown) {
    const { paths, components } = Document.parse(document);
    this.schemas = components.schemas;
    this.calls = Object.entries(paths).flatMap(([whole, methods]) =>
      Object.entries(methods).map(([lower, operation]) => {
        const [method, path] = [lower.toUpperCase(), whole.replace(/^\/api/, "")];
        return { ...operation, name: `${method} ${path}`, method, path };
      })
    );
  }

  call(name: string): Call {
    const found = this.calls.find((call) => call.name === name);
    assert(found, `${name} is not in the document`);
    return found;
  }

  /** The JSON that an operation takes; null for none. */
  bodyOf(call: Call): JsonSchema | null {
    return call.requestBody?.content["application/json"]?.schema ?? null;
  }

  /** Reads the answer, and notes where the document does not say it. */
  async hold(call: Call, answer: Response): Promise<{ status: number; text: string }> {
    const text = await readText(answer);
    const fault = this.#judge(call, answer, text);
    if (fault) this.broken.push(`${call.name} answers ${answer.status}, ${fault}: ${text.slice(0, 300)}`);
    const seen = this.reached.get(call.name) ?? new Set();
    this.reached.set(call.name, seen.add(answer.status));
    return { status: answer.status, text };
  }

  #judge(call: Call, answer: Response, text: string): string | null {
    const declared = call.responses[answer.status];
    if (!declared) return "which the document does not say";
    const type = (answer.headers.get("content-type") ?? "").split(";")[0] ?? "";
    const { content = {} } = declared;
    if (Object.keys(content).length === 0) return text === "" ? null : "where nothing should be";
    const media = content[type] ?? content["application/octet-stream"];
    if (!media) return `as ${type}, not ${Object.keys(content)}`;
    if (!media.schema || !/[/+]json$/.test(type)) return null;
    if (text === "") return "with nothing";
    const faults = this.#faults(media.schema, JSON.parse(text));
    return faults.length > 0 ? faults.join("; ") : null;
  }

  /** Documented statuses that no answer had yet. */
  missing(): string[] {
    return this.calls.flatMap(({ name, responses }) =>
      Object.keys(responses).filter((status) => !this.reached.get(name)?.has(Number(status)))
        .map((status) => `${name} ${status}`)
    );
  }

  deref(schema: JsonSchema): JsonSchema {
    const name = typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1) ?? "" : null;
    return name === null ? schema : this.schemas[name] ?? {};
  }

  #faults(schema: JsonSchema, value: unknown): string[] {
    return faultsOf(schema, value, { deref: (one) => this.deref(one), at: "" });
  }
}

/** A stream is read as far as its first event; it never ends by itself. */
async function readText(answer: Response): Promise<string> {
  if (!answer.headers.get("content-type")?.startsWith("text/event-stream")) return await answer.text();
  const reader = answer.body?.getReader();
  const { value } = await reader?.read() ?? {};
  await reader?.cancel();
  return new TextDecoder().decode(value);
}

interface Place {
  deref: (schema: JsonSchema) => JsonSchema;
  at: string;
  /** A part of `allOf`: the whole knows which fields there are. */
  isPart?: boolean;
}

const list = (value: unknown) => (Array.isArray(value) ? value : []) as JsonSchema[];
const record = (value: unknown) => (value ?? {}) as Record<string, JsonSchema>;

/** What is wrong with a value. Stricter than the standard: fields that the schema does not name are faults. */
export function faultsOf(given: JsonSchema, value: unknown, place: Place): string[] {
  const schema = place.deref(given);
  const fault = (text: string) => [`${place.at || "it"} ${text}: ${JSON.stringify(value)?.slice(0, 80)}`];
  for (const kind of ["anyOf", "oneOf"]) {
    if (!(kind in schema)) continue;
    const tries = list(schema[kind]).map((one) => faultsOf(one, value, place));
    if (tries.every((faults) => faults.length > 0)) return tries.at(0) ?? fault("fits nothing");
    return [];
  }
  const whole = list(schema.allOf).flatMap((one) => faultsOf(one, value, { ...place, isPart: true }));
  if (whole.length > 0) return whole;
  if (schema.type !== undefined && !typesOf(value).some((type) => [schema.type].flat().includes(type))) {
    return fault(`is no ${schema.type}`);
  }
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return fault(`is none of ${schema.enum}`);
  if (typeof value === "string") return isBadText(schema, value) ? fault("is no such text") : [];
  if (typeof value === "number") {
    return value < Number(schema.minimum ?? -Infinity) || value > Number(schema.maximum ?? Infinity)
      ? fault("is out of bounds")
      : [];
  }
  if (Array.isArray(value)) {
    const prefix = list(schema.prefixItems);
    const items = (schema.items ?? {}) as JsonSchema;
    return value.flatMap((one, n) =>
      faultsOf(prefix[n] ?? items, one, { ...place, at: `${place.at}[${n}]` })
    );
  }
  return typeof value === "object" && value !== null ? objectFaults(schema, value, place) : [];
}

function objectFaults(schema: JsonSchema, value: object, place: Place): string[] {
  const known = fieldsOf(schema, place.deref);
  const rest = schema.additionalProperties;
  const missing = (Array.isArray(schema.required) ? schema.required : []).filter((name) => !(name in value));
  const isOpen = place.isPart || Object.keys(known).length === 0 || (rest !== undefined && rest !== false);
  return [
    ...missing.map((name) => `${place.at}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, one]) => {
      const at = `${place.at}.${name}`;
      const own = record(schema.properties)[name];
      if (own) return faultsOf(own, one, { deref: place.deref, at });
      if (typeof rest === "object") return faultsOf(rest as JsonSchema, one, { deref: place.deref, at });
      return isOpen || name in known ? [] : [`${at} is not in the document`];
    }),
  ];
}

function fieldsOf(given: JsonSchema, deref: Place["deref"]): Record<string, JsonSchema> {
  const schema = deref(given);
  return Object.assign(
    {},
    record(schema.properties),
    ...list(schema.allOf).map((one) => fieldsOf(one, deref)),
  );
}

function typesOf(value: unknown): string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return Number.isInteger(value) ? ["integer", "number"] : [typeof value];
}

function isBadText(schema: JsonSchema, value: string): boolean {
  if (value.length > Number(schema.maxLength ?? Infinity)) return true;
  if (value.length < Number(schema.minLength ?? 0)) return true;
  if (typeof schema.pattern === "string" && !new RegExp(schema.pattern, "u").test(value)) return true;
  if (schema.format === "date-time") return !z.iso.datetime().safeParse(value).success;
  return schema.format === "uuid" && !/^[0-9a-f-]{36}$/.test(value);
}
