/** Node definitions of a server, asked for by class and kept until something says that they changed. */
import type { Clock } from "@/core/ports.ts";
import type { Definitions, NodeDefinition } from "@/core/template.ts";
import type { Http } from "./http.ts";
import { ObjectInfo } from "./schemas.ts";

/** Models and nodes change while a server runs, if rarely. */
const KEPT_MS = 600_000;
const AT_ONCE = 6;

export class DefinitionCache {
  readonly #http: Http;
  readonly #clock: Clock;
  readonly #known = new Map<string, { definition: NodeDefinition | null; at: number }>();

  constructor(http: Http, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
  }

  clear(): void {
    this.#known.clear();
  }

  /** One class at a time: the whole list is the better part of a megabyte. A class that the server lacks is left out. */
  async read(
    classes: string[],
    options: { fresh?: boolean; signal?: AbortSignal } = {},
  ): Promise<Definitions> {
    const asked = [...new Set(classes)].filter((name) => options.fresh === true || !this.#isFresh(name));
    const found = new Map<string, NodeDefinition | null>(
      [...this.#known].map(([name, { definition }]) => [name, definition]),
    );
    for (let at = 0; at < asked.length; at += AT_ONCE) {
      await Promise.all(
        asked.slice(at, at + AT_ONCE).map(async (name) => {
          const path = `object_info/${encodeURIComponent(name)}`;
          const info = await this.#http.json(path, { schema: ObjectInfo, signal: options.signal });
          const definition = (Object.hasOwn(info, name) ? info[name] : null) ?? null;
          found.set(name, definition);
          this.#known.set(name, { definition, at: this.#clock.monotonic() });
        }),
      );
    }
    return Object.fromEntries(classes.flatMap((name) => {
      const definition = found.get(name) ?? null;
      return definition === null ? [] : [[name, definition]];
    }));
  }

  #isFresh(name: string): boolean {
    const known = this.#known.get(name);
    return known !== undefined && this.#clock.monotonic() - known.at < KEPT_MS;
  }
}
