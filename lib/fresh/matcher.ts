/** Finds the routes of a path with Hono's router, in Fresh's pattern language. */
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";

export interface Match<T> {
  target: T;
  params: Record<string, string>;
}

export class Matcher<T> {
  readonly #router = new SmartRouter<T>({ routers: [new RegExpRouter(), new TrieRouter()] });

  add(pattern: string, target: T): void {
    for (const path of routerPaths(pattern)) this.#router.add("ALL", path, target);
  }

  /** All matches in order of registration. Throws URIError where a parameter is not valid percent-encoding. */
  find(pathname: string): Match<T>[] {
    const [handlers, stash] = this.#router.match("GET", pathname);
    return handlers.map(([target, places]) => {
      const params: Record<string, string> = {};
      for (const [name, place] of Object.entries(places)) {
        const raw = typeof place === "number" ? stash?.[place] : place;
        if (name !== "") params[name] = decodeURIComponent(raw ?? "");
      }
      return { target, params };
    });
  }
}

/** A catch-all also answers its own folder, and an optional part may be missing. */
function routerPaths(pattern: string): string[] {
  const rest = pattern.match(/^(.*)\/:(\w+)\*$/);
  if (rest) return [rest[1] === "" ? "/" : rest[1] ?? "/", `${rest[1]}/:${rest[2]}{.+}`];
  return [pattern];
}
