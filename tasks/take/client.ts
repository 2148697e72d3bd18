/** The studio's own API in this process, spoken to as the one person who runs takes here. */
import { z } from "zod";
import { makeApi } from "@/api/mod.ts";
import type { House } from "@/studio/open.ts";

const Job = z.looseObject({
  id: z.string(),
  title: z.string(),
  mode: z.string(),
  status: z.string(),
  stage: z.string(),
  share: z.number(),
  problem: z.looseObject({ message: z.string() }).nullable(),
  createdAt: z.string(),
});
const Detail = Job.extend({
  steps: z.array(z.looseObject({ id: z.string(), state: z.string(), attempt: z.int().optional() })),
});
export type TakeJob = z.infer<typeof Job>;
export type TakeDetail = z.infer<typeof Detail>;

const Created = z.looseObject({ items: z.array(Job).min(1) });
const Page = z.looseObject({ items: z.array(Job), next: z.string().nullable() });
const Asset = z.looseObject({ id: z.string() });
const Refusal = z.looseObject({
  message: z.string().optional(),
  detail: z.string().optional(),
  fields: z.array(z.looseObject({ path: z.string(), message: z.string() })).optional(),
});

const EMAIL = "takes@studio.example";

export const ENDS = ["completed", "failed", "cancelled"];

export class TakeClient {
  #cookie = "";
  readonly #api = makeApi();

  constructor(readonly house: House) {}

  /** Signs in, or registers the first time; the password lies beside the studio's keys. */
  async open(): Promise<void> {
    const path = `${this.house.config.DATA_DIR}/takes.key`;
    const known = await Deno.readTextFile(path).catch(() => null);
    const password = known ?? crypto.randomUUID();
    if (known === null) await Deno.writeTextFile(path, password, { mode: 0o600 });
    const body = { email: EMAIL, password };
    const answer = await this.#send("POST", "/auth/login", body);
    await answer.body?.cancel();
    if (!answer.ok) await this.#json(z.unknown(), "POST", "/auth/register", body);
  }

  async upload(name: string, path: string): Promise<string> {
    const { id } = await this.#json(Asset, "POST", "/assets", { name });
    const answer = await this.#ask(
      new Request(`http://127.0.0.1/api/assets/${id}/content`, {
        method: "PUT",
        headers: { cookie: this.#cookie, "content-type": "application/octet-stream" },
        body: await Deno.readFile(path),
      }),
    );
    if (!answer.ok) throw new Error(`${name}: ${await readRefusal(answer)}`);
    await answer.body?.cancel();
    return id;
  }

  async create(request: Record<string, unknown>): Promise<TakeJob> {
    const [job] = (await this.#json(Created, "POST", "/jobs", request)).items;
    if (!job) throw new Error("The studio made no job");
    return job;
  }

  job(id: string): Promise<TakeDetail> {
    return this.#json(Detail, "GET", `/jobs/${id}`);
  }

  async retry(id: string): Promise<void> {
    await this.#json(z.unknown(), "POST", `/jobs/${id}/retry`, {});
  }

  async trash(id: string): Promise<void> {
    await this.#json(z.unknown(), "POST", `/jobs/${id}/delete`, {});
  }

  /** All takes, newest first. */
  async takes(): Promise<TakeJob[]> {
    const found: TakeJob[] = [];
    let next: string | null = null;
    do {
      const query: string = next === null ? "" : `?cursor=${encodeURIComponent(next)}`;
      const page: z.infer<typeof Page> = await this.#json(Page, "GET", `/jobs${query}`);
      found.push(...page.items.filter(({ mode }) => mode === "take"));
      next = page.next;
    } while (next !== null);
    return found;
  }

  async #json<S extends z.ZodType>(
    schema: S,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<z.infer<S>> {
    const answer = await this.#send(method, path, body);
    if (!answer.ok) throw new Error(await readRefusal(answer));
    const text = await answer.text();
    return schema.parse(text === "" ? null : JSON.parse(text));
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = new Headers({ cookie: this.#cookie });
    if (body !== undefined) headers.set("content-type", "application/json");
    const answer = await this.#ask(
      new Request(`http://127.0.0.1/api${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    this.#cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? this.#cookie;
    return answer;
  }

  async #ask(request: Request): Promise<Response> {
    return await this.#api.fetch(request, { studio: this.house.studio, address: "127.0.0.1" });
  }
}

async function readRefusal(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    const { message, detail, fields } = Refusal.parse(JSON.parse(text));
    const said = fields?.map((field) => `${field.path}: ${field.message}`).join("; ");
    return said || message || detail || text;
  } catch {
    return text;
  }
}
