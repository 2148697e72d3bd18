/** What the job's effects ask of the studio; main.ts hands it in. */
import type { Clock, Comfy, Hash, LocalWork, Log, ProgressBus, Storage } from "@/core/ports.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Definitions, Template } from "@/core/template.ts";

export interface JobPorts {
  store: Store;
  storage: Storage;
  comfy(backend: BackendRow): Comfy;
  template(id: string, version: string): Template;
  /** Recorded node definitions, for what a backend does not tell. */
  definitions: Definitions;
  local: LocalWork;
  progress: ProgressBus;
  clock: Clock;
  hash: Hash;
  log: Log;
  limits: {
    /** Silence of a backend after which its work moves. */
    downMs: number;
    /** Free disk below which no local work starts. */
    diskMinBytes: number;
  };
}
