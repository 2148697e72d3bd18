/** A person at the HTTP API: registers, uploads, asks for films and fetches them. */
import { z } from "zod";

const Job = z.looseObject({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  stage: z.string(),
  share: z.number(),
  /** Whoever registers first is the operator, and is told the cause as well. */
  problem: z.looseObject({ message: z.string(), operator: z.string().optional() }).nullable(),
  outputs: z.array(z.looseObject({ url: z.string() })).optional(),
  steps: z.array(z.looseObject({ phase: z.string(), asked: z.unknown() })).optional(),
});
export type DemoJob = z.infer<typeof Job>;

const Created = z.looseObject({ items: z.array(Job).min(1) });
const Asset = z.looseObject({ id: z.string() });

export class DemoClient {
  readonly #base: string;
  readonly #cookie: string;

  private constructor(base: string, cookie: string) {
    this.#base = base;
    this.#cookie = cookie;
  }

  static async register(base: string): Promise<DemoClient> {
    const body = JSON.stringify({ email: "demo@studio.example", password: `demo ${crypto.randomUUID()}` });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${base}/api/auth/register`, { method: "POST", headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Cannot register: ${text}`);
    return new DemoClient(base, answer.headers.get("set-cookie")?.split(";")[0] ?? "");
  }

  async upload(name: string, from: URL): Promise<string> {
    const { id } = Asset.parse(await this.#json("POST", "/api/assets", { name }));
    const headers = { cookie: this.#cookie, "content-type": "application/octet-stream" };
    const answer = await fetch(`${this.#base}/api/assets/${id}/content`, {
      method: "PUT",
      headers,
      body: await Deno.readFile(from),
    });
    if (!answer.ok) throw new Error(`Cannot upload ${name}: ${await answer.text()}`);
    await answer.body?.cancel();
    return id;
  }

  async create(request: Record<string, unknown>): Promise<DemoJob> {
    const [job] = Created.parse(await this.#json("POST", "/api/jobs", request)).items;
    if (!job) throw new Error("The studio made no job");
    return job;
  }

  async job(id: string): Promise<DemoJob> {
    return Job.parse(await this.#json("GET", `/api/jobs/${id}`));
  }

  /** Writes the film of a job to a file; returns its bytes. */
  async download(job: DemoJob, path: string): Promise<number> {
    const url = job.outputs?.[0]?.url;
    if (url === undefined) throw new Error(`${job.title} has no film`);
    const answer = await fetch(`${this.#base}${url}`, { headers: { cookie: this.#cookie } });
    if (!answer.ok || answer.body === null) throw new Error(`Cannot fetch ${job.title}: ${answer.status}`);
    const file = await Deno.create(path);
    await answer.body.pipeTo(file.writable);
    return (await Deno.stat(path)).size;
  }

  async #json(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = {
      cookie: this.#cookie,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }
}
