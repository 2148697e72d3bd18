/** A person at a running studio: registers, uploads, asks for films, sends commands and waits, over HTTP. */
import { z } from "zod";
import { TERMINAL } from "@/core/status.ts";

/** Sends one request; a real `fetch`, or an app in this process. */
export type Ask = (request: Request) => Promise<Response>;

export const SeenJob = z.looseObject({
  id: z.string(),
  status: z.string(),
  stage: z.string(),
  run: z.number(),
  problem: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
});
export type SeenJob = z.infer<typeof SeenJob>;

export const SeenDetail = SeenJob.extend({
  steps: z.array(z.looseObject({ id: z.string(), state: z.string(), take: z.int() })),
  outputs: z.array(z.looseObject({ type: z.string(), url: z.string() })),
  events: z.array(z.looseObject({ type: z.string(), message: z.string() })),
  retakes: z.array(z.string()),
});
export type SeenDetail = z.infer<typeof SeenDetail>;

const Created = z.looseObject({ items: z.array(SeenJob).min(1) });
const Page = z.looseObject({ items: z.array(SeenJob), next: z.string().nullable() });
const WithId = z.looseObject({ id: z.string() });

const PASSWORD = "correct horse battery";

export interface FilmOptions {
  title?: string;
  seed?: string;
  frames?: number;
  seconds?: number;
  /** Pixels of both sides. */
  side?: number;
  submode?: "move" | "mix";
}

export interface Cast {
  character: string;
  drive: string;
  voice: string;
}

export class Person {
  #cookie = "";
  readonly #base: string;
  readonly #ask: Ask;

  constructor(base: string, ask: Ask = fetch) {
    this.#base = base;
    this.#ask = ask;
  }

  /** Signs in again, for instance after the studio was started anew with another address. */
  async logIn(email = "person@studio.example"): Promise<this> {
    await this.json(z.unknown(), "POST", "/auth/login", { email, password: PASSWORD });
    return this;
  }

  /** The session, for requests that are sent by other means. */
  get cookie(): string {
    return this.#cookie;
  }

  /** Comes with a session that was begun elsewhere. */
  take(cookie: string): void {
    this.#cookie = cookie;
  }

  async register(email = "person@studio.example"): Promise<this> {
    await this.json(z.unknown(), "POST", "/auth/register", { email, password: PASSWORD });
    return this;
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = new Headers({ cookie: this.#cookie });
    if (body !== undefined) headers.set("content-type", "application/json");
    return await this.#send(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** Throws with the answer's text unless the status is a good one. */
  async json<S extends z.ZodType>(schema: S, method: string, path: string, body?: unknown) {
    const answer = await this.send(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return schema.parse(text === "" ? null : JSON.parse(text));
  }

  /** Makes an asset of these bytes; returns its id. */
  async upload(name: string, content: Uint8Array<ArrayBuffer>): Promise<string> {
    const { id } = await this.json(WithId, "POST", "/assets", { name });
    const answer = await this.put(id, content);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Cannot upload ${name}: ${answer.status} ${text}`);
    return id;
  }

  /** Puts the content of an asset. */
  put(id: string, content: Uint8Array<ArrayBuffer>): Promise<Response> {
    return this.sendBytes("PUT", `/assets/${id}/content`, content);
  }

  async sendBytes(method: string, path: string, body: Uint8Array<ArrayBuffer>): Promise<Response> {
    const headers = new Headers({ cookie: this.#cookie, "content-type": "application/octet-stream" });
    return await this.#send(path, { method, headers, body });
  }

  /** The sample files, as assets. */
  async bringCast(): Promise<Cast> {
    return {
      character: await this.upload("character.png", await readSample("character.png")),
      drive: await this.upload("drive.mp4", await readSample("drive.mp4")),
      voice: await this.upload("voice.mp3", await readSample("voice.mp3")),
    };
  }

  async animate(cast: Cast, { submode = "move", title = "", ...film }: FilmOptions = {}): Promise<SeenJob> {
    return await this.create({
      mode: "animate",
      submode,
      title,
      prompt: "A dancer in the harbour",
      assets: { groundTruth: cast.character, motionVideo: cast.drive },
      settings: settingsOf(film),
    });
  }

  async perform(cast: Cast, { title = "", ...film }: FilmOptions = {}): Promise<SeenJob> {
    return await this.create({
      mode: "audio",
      title,
      prompt: "A singer in the fog",
      assets: { groundTruth: cast.character, audio: cast.voice },
      settings: settingsOf(film),
    });
  }

  async create(body: Record<string, unknown>): Promise<SeenJob> {
    const [job] = (await this.json(Created, "POST", "/jobs", body)).items;
    if (!job) throw new Error("The studio made no job");
    return job;
  }

  job(id: string): Promise<SeenDetail> {
    return this.json(SeenDetail, "GET", `/jobs/${id}`);
  }

  page(query = ""): Promise<z.infer<typeof Page>> {
    return this.json(Page, "GET", `/jobs${query}`);
  }

  async command(id: string, name: string, body: unknown = {}): Promise<void> {
    await this.json(z.unknown(), "POST", `/jobs/${id}/${name}`, body);
  }

  /** Polls until the job satisfies the condition; the limit is for what hangs. Throws with what it is like then. */
  async waitFor(id: string, holds: (job: SeenDetail) => boolean, limitMs = 240_000): Promise<SeenDetail> {
    const endAt = performance.now() + limitMs;
    for (;;) {
      const job = await this.job(id);
      if (holds(job)) return job;
      if (performance.now() > endAt) {
        throw new Error(`After ${limitMs} ms the job still is ${JSON.stringify(job, null, 1)}`);
      }
      await new Promise((wake) => setTimeout(wake, 40));
    }
  }

  waitForEnd(id: string, limitMs?: number): Promise<SeenDetail> {
    return this.waitFor(id, (job) => TERMINAL.some((status) => status === job.status), limitMs);
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const answer = await this.#ask(new Request(`${this.#base}/api${path}`, init));
    const cookie = answer.headers.get("set-cookie")?.split(";")[0];
    if (cookie) this.#cookie = cookie;
    return answer;
  }
}

function settingsOf({ seed, frames, seconds, side = 320 }: FilmOptions): Record<string, unknown> {
  return {
    width: side,
    height: side,
    preset: "fast",
    ...(seed === undefined ? {} : { seed }),
    ...(frames === undefined ? {} : { frames }),
    ...(seconds === undefined ? {} : { seconds }),
  };
}

export function readSample(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`../../static/samples/${name}`, import.meta.url));
}
