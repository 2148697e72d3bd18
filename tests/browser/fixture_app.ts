/** The app of `tests/fixtures/islands/`, served for the layer's own tests. */
import { App, csp, staticFiles } from "fresh";
import type { Served } from "./rig.ts";

export const FIXTURES = new URL("../fixtures/islands", import.meta.url).pathname;

export function openFixtures(mode: "development" | "production" = "production"): Promise<Served> {
  const app = new App({ root: FIXTURES, mode }).use(csp()).use(staticFiles());
  app.get("/favicon.ico", () => new Response(null, { status: 204 }));
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fsRoutes().handler());
  return Promise.resolve({
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}
