/** What every route needs of the running server. */
import type { Clock, Ids, Log, Media } from "@/core/ports.ts";
import type { Folders } from "./contract.ts";
import type { DefinitionBook } from "./definitions.ts";
import type { Faults } from "./faults.ts";
import type { Life } from "./life.ts";
import type { Sockets } from "./socket.ts";
import type { Traits, Version } from "./versions.ts";
import type { Json } from "./python.ts";

export interface Desk {
  readonly version: Version;
  readonly traits: Traits;
  readonly folders: Folders;
  readonly book: DefinitionBook;
  readonly media: Media;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly faults: Faults;
  readonly sockets: Sockets;
  readonly uploadMaxBytes: number;
  /** Aborted when the server closes, so that no delayed answer holds it up. */
  readonly closing: AbortSignal;
  /** The present life; another one after each restart. */
  life(): Life;
  /** Counts the lives, from 1. */
  epoch(): number;
  features(): Json;
  /** Everything in memory is gone, every connection breaks, nothing listens for a while. */
  restart(downMs: number): Promise<void>;
  /** Every connection breaks and nothing listens for a while; the work goes on. */
  cut(downMs: number): Promise<void>;
}
