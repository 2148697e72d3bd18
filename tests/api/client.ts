/** A person at the API: keeps the cookie, sends JSON, and reads the answer. */
import { z } from "zod";
import { makeApi } from "@/api/mod.ts";
import { assertEquals } from "@/tests/assert.ts";
import type { FakeStudio } from "./fake_studio.ts";

const api = makeApi();

export interface Sent {
  body?: unknown;
  raw?: BodyInit;
  headers?: Record<string, string>;
}

export class Person {
  cookie = "";
  constructor(readonly studio: FakeStudio, readonly address = "10.0.0.1") {}

  async send(method: string, path: string, { body, raw, headers = {} }: Sent = {}): Promise<Response> {
    const all = new Headers(headers);
    if (this.cookie) all.set("cookie", this.cookie);
    if (body !== undefined && !all.has("content-type")) all.set("content-type", "application/json");
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const request = new Request(`http://studio.test/api${path}`, { method, headers: all, body: content });
    const response = await api.fetch(request, { studio: this.studio, address: this.address });
    const cookie = response.headers.get("set-cookie")?.split(";")[0];
    if (cookie) this.cookie = cookie.endsWith("=") ? "" : cookie;
    return response;
  }

  get = (path: string, headers?: Record<string, string>) => this.send("GET", path, { headers });
  post = (path: string, body: unknown = {}, headers?: Record<string, string>) =>
    this.send("POST", path, { body, headers });

  /** Sends, expects a status and reads the answer. */
  async json<S extends z.ZodType>(
    schema: S,
    status: number,
    answer: Promise<Response>,
  ): Promise<z.output<S>> {
    const response = await answer;
    const text = await response.text();
    assertEquals(response.status, status, text);
    return schema.parse(JSON.parse(text));
  }
}

export const PASSWORD = "correct horse battery";

/** A new account, signed in. The first one of a studio is its operator. */
export async function signUp(studio: FakeStudio, email: string): Promise<Person> {
  const person = new Person(studio);
  const response = await person.post("/auth/register", { email, password: PASSWORD });
  assertEquals(response.status, 201, await response.text());
  return person;
}

/** A creator of a studio that has an operator already. */
export async function signUpCreator(studio: FakeStudio, email = "mika@example.org"): Promise<Person> {
  if (studio.kept.accounts.length === 0) await signUp(studio, "operator@example.org");
  return await signUp(studio, email);
}

const Refusal = z.object({
  code: z.string(),
  retry: z.string(),
  title: z.string(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** Expects a problem answer: its status and code, and that it says nothing of our insides. Returns the field paths. */
export async function expectProblem(
  answer: Promise<Response>,
  status: number,
  code: string,
): Promise<string[]> {
  const response = await answer;
  const text = await response.text();
  assertEquals(
    [response.status, response.headers.get("content-type")],
    [status, "application/problem+json"],
    text,
  );
  const refusal = Refusal.parse(JSON.parse(text));
  assertEquals(refusal.code, code, text);
  assertEquals(/\bat \S+:\d+:\d+|\.ts\b|Error:/.test(text), false, `a stack in ${text}`);
  return (refusal.fields ?? []).map((field) => field.path);
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52];

function padded(head: number[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  bytes.set(head);
  return bytes;
}

const ascii = (text: string) => [...new TextEncoder().encode(text)];

/** The shortest things with the right signatures; the fake probe reads no further. */
export const FILES = {
  png: padded([...PNG, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...ascii("IDAT")], 100),
  mp4: padded([0, 0, 0, 0x18, ...ascii("ftypisom"), 0, 0, 2, 0, ...ascii("isommp42")], 100),
  wav: padded([...ascii("RIFF"), 92, 0, 0, 0, ...ascii("WAVEfmt ")], 100),
  heic: padded([0, 0, 0, 0x18, ...ascii("ftypheic"), 0, 0, 0, 0, ...ascii("mif1heic")], 100),
};

const WithId = z.object({ id: z.string() });

/** Makes an asset and puts its content; another `mark` makes other bytes. */
export async function upload(
  person: Person,
  file: keyof typeof FILES,
  { name = `clip.${file}`, mark = 0 } = {},
): Promise<string> {
  const { id } = await person.json(WithId, 201, person.post("/assets", { name }));
  const bytes = FILES[file].slice();
  bytes[bytes.length - 1] = mark;
  await person.json(WithId, 200, putContent(person, id, bytes));
  return id;
}

export function putContent(person: Person, id: string, bytes: Uint8Array<ArrayBuffer>): Promise<Response> {
  const headers = { "content-type": "application/octet-stream", "content-length": String(bytes.byteLength) };
  return person.send("PUT", `/assets/${id}/content`, { raw: bytes, headers });
}

const Jobs = z.object({ items: z.array(z.looseObject({ id: z.string() })), batchId: z.string().nullable() });

/** The body of a valid job, with fresh files. */
export async function animateBody(person: Person): Promise<Record<string, unknown>> {
  const assets = { groundTruth: await upload(person, "png"), motionVideo: await upload(person, "mp4") };
  return { mode: "animate", submode: "move", prompt: "Mika walks along the harbour", assets };
}

export async function makeJob(person: Person, change: Record<string, unknown> = {}): Promise<string> {
  const body = { ...await animateBody(person), ...change };
  const { items } = await person.json(Jobs, 202, person.post("/jobs", body));
  return items[0]?.id ?? "";
}
