/** Reads the environment, opens the house and serves it. Importing this file opens nothing. */
import { App, csp, HttpError, staticFiles } from "fresh";
import { api } from "@/api/mod.ts";
import { loadEnvFile } from "@/adapters/system/env_file.ts";
import { atMost, systemClock } from "@/adapters/system/clock.ts";
import { callerAddress } from "@/core/caller.ts";
import { type Config, readConfig } from "@/core/config.ts";
import { problemOf } from "@/core/problem.ts";
import type { Studio } from "@/core/studio.ts";
import { POLICY } from "./routes/(_shared)/policy.ts";
import type { State } from "./routes/(_shared)/state.ts";
import { type House, openHouse, type OpenOptions } from "./studio/open.ts";
import { makePrivately } from "./studio/privacy.ts";

/** Filled by `start`, read by the middleware below: the app itself holds nothing. */
let current: Studio | null = null;

export const app = new App<State>()
  .use(csp({ csp: POLICY }))
  .use(staticFiles())
  .use((ctx) => {
    if (current === null) throw new HttpError(503);
    ctx.state.studio = current;
    const { remoteAddr } = ctx.info;
    const peer = remoteAddr.transport === "tcp" ? remoteAddr.hostname : "local";
    const said = ctx.req.headers.get("x-forwarded-for");
    ctx.state.address = callerAddress(peer, said, current.settings.proxies);
    ctx.state.api = async (request) => await api.fetch(request, ctx.state);
    return ctx.next();
  })
  .fsRoutes();

export interface Running {
  url: string;
  house: House;
  /** Ends gracefully: takes no more requests, lets those under way end for a while and cuts the rest, leaves every mailbox resumable. */
  stop(): Promise<void>;
  /** Resolves when the server has ended. */
  ended: Promise<void>;
}

const PORTS_TRIED = 20;
const CONNECTIONS_GRACE_MS = 1000;

/** Opens the database, runs migrations, starts the engine and serves. Throws studio.config for a bad configuration. */
export async function start(config: Config, options: OpenOptions): Promise<Running> {
  const handle = app.handler();
  // The first request loads the routes and builds what browsers need: a fault there is told before anything opens.
  const host = config.HOST.includes(":") ? `[${config.HOST}]` : config.HOST;
  await handle(new Request(`http://${host}/favicon.svg`, { method: "HEAD" }));
  const house = await openHouse(config, options);
  current = house.studio;
  const underWay = new Set<Promise<Response>>();
  const server = listen(config, (request, info) => {
    const answer = Promise.resolve(handle(request, info));
    underWay.add(answer);
    const forget = () => void underWay.delete(answer);
    answer.then(forget, forget);
    return answer;
  });
  const url = `http://${host}:${server.addr.port}`;
  house.log.info("the studio is open", { url });
  return {
    url,
    house,
    ended: server.finished,
    async stop() {
      const shut = server.shutdown();
      await house.close(Promise.allSettled(underWay));
      // A connection that still hangs then ends with the process.
      await atMost(systemClock(), CONNECTIONS_GRACE_MS, shut);
      current = null;
    },
  };
}

/** The configured port, or the next free one. */
function listen(config: Config, handler: Deno.ServeHandler): Deno.HttpServer<Deno.NetAddr> {
  for (let offset = 0;; offset++) {
    const port = config.PORT === 0 ? 0 : config.PORT + offset;
    try {
      return Deno.serve({ hostname: config.HOST, port, onListen: () => {} }, handler);
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.AddrInUse) || offset >= PORTS_TRIED) throw thrown;
    }
  }
}

/** Configuration from the environment; a bad one ends the process with a sentence per variable. */
export function configure(env: Record<string, string> = Deno.env.toObject()): Config {
  const config = readConfig(env);
  if (config.ok) return config.value;
  return leave(config.problem.map((found) => found.message).join("\n"));
}

function leave(sentence: string): never {
  Deno.stderr.writeSync(new TextEncoder().encode(`${sentence}\n`));
  Deno.exit(1);
}

/** Resolves with the first signal to end; the second ends the process at once. */
function whenTold(): { told: Promise<string>; isTold: () => boolean } {
  const { promise, resolve } = Promise.withResolvers<string>();
  let isTold = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      if (isTold) Deno.exit(1);
      isTold = true;
      resolve(signal);
    });
  }
  return { told: promise, isTold: () => isTold };
}

/** Serves until a signal comes. One that comes while the studio opens is obeyed as soon as it is open. */
async function serveUntilTold(): Promise<void> {
  const { told, isTold } = whenTold();
  loadEnvFile();
  makePrivately();
  const config = configure();
  const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  try {
    const running = await start(config, { onFatal: () => Deno.exit(1) });
    if (!isTold()) {
      say(`Animatrix is open at ${running.url}`);
      const { startCode, studio } = running.house;
      if (startCode !== null && await studio.accounts.count() === 0) {
        say(`Code for the first account: ${startCode}`);
      }
    }
    const signal = await told;
    running.house.log.info("the studio is told to end", { signal });
    await running.stop();
    Deno.exit(0);
  } catch (thrown) {
    // A terminal sends the signal to the draft renderer too, and without it the start fails.
    if (isTold()) Deno.exit(0);
    const found = problemOf(thrown);
    leave(found.operator ?? found.message);
  }
}

if (import.meta.main) await serveUntilTold();
