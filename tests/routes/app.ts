/** The app as main.ts builds it, over a studio in memory, and a visitor whose browser runs no script. */
import { App, csp, staticFiles } from "fresh";
import { makeApi } from "@/api/mod.ts";
import { POLICY } from "@/routes/(_shared)/policy.ts";
import type { State } from "@/routes/(_shared)/state.ts";
import { PASSWORD, signUp } from "@/tests/api/client.ts";
import { type FakeStudio, makeStudio } from "@/tests/api/fake_studio.ts";
import { assert } from "@/tests/assert.ts";

type Get = (path: string, init?: RequestInit) => Promise<Response>;

const api = makeApi();

export function appFor(studio: FakeStudio): Get {
  const app = new App<State>().use((ctx) => {
    ctx.state.studio = studio;
    ctx.state.address = "10.0.0.1";
    ctx.state.api = async (request) => await api.fetch(request, ctx.state);
    return ctx.next();
  }).use(csp({ csp: POLICY })).use(staticFiles()).fsRoutes();
  const handle = app.handler();
  return (path, init) => handle(new Request(`http://studio.test${path}`, init));
}

/** What a browser without script does: keeps the cookie, opens pages, posts forms, follows nothing by itself. */
export class Visitor {
  cookie = "";
  /** Of the page that the form stands on. */
  origin = "http://studio.test";
  readonly #get: Get;

  constructor(readonly studio: FakeStudio) {
    this.#get = appFor(studio);
  }

  open(path: string, headers: Record<string, string> = {}): Promise<Seen> {
    return this.#send(path, { headers });
  }

  /** A form with files is given as such. */
  post(path: string, fields: Record<string, string> | FormData): Promise<Seen> {
    return this.#send(path, {
      method: "POST",
      body: fields instanceof FormData ? fields : new URLSearchParams(fields),
      headers: {
        "sec-fetch-site": this.origin === "http://studio.test" ? "same-origin" : "cross-site",
        origin: this.origin,
      },
    });
  }

  async #send(path: string, init: RequestInit): Promise<Seen> {
    const headers = new Headers(init.headers);
    if (this.cookie) headers.set("cookie", this.cookie);
    const answer = await this.#get(path, { ...init, headers });
    const cookie = answer.headers.get("set-cookie")?.split(";")[0];
    if (cookie) this.cookie = cookie.endsWith("=") ? "" : cookie;
    return {
      status: answer.status,
      to: answer.headers.get("location"),
      headers: answer.headers,
      html: await answer.text(),
    };
  }
}

export interface Seen {
  status: number;
  /** Where it sends the browser. */
  to: string | null;
  headers: Headers;
  html: string;
}

/** A studio with an operator and a creator, both signed in. */
export async function openSignedIn() {
  const studio = makeStudio();
  const visitors = [];
  for (const email of ["op@example.org", "mika@example.org"]) {
    await signUp(studio, email);
    const visitor = new Visitor(studio);
    await visitor.post("/login", { email, password: PASSWORD });
    visitors.push(visitor);
  }
  const [operator, mika] = visitors;
  assert(operator && mika);
  return { studio, operator, mika };
}
