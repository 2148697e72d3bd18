/** The studio as people find it: the real one in this process, on a free port and a temporary folder, with a draft renderer. */
import { type Running, start } from "@/main.ts";
import type { Draft } from "@/draft/server.ts";
import { configFor, openDraft } from "@/tests/rig/rig.ts";
import { Person } from "@/tests/rig/person.ts";

export interface SceneOptions {
  /** Environment of the studio. */
  env?: Record<string, string>;
  /** How long the draft renderer takes per sampling step. */
  stepMs?: number;
}

export interface Scene extends AsyncDisposable {
  /** Stays the same over restarts. */
  url: string;
  draft: Draft;
  /** Folder of the studio's data. */
  dataDir: string;
  /** Signs up somebody new; the first one is the operator. */
  newPerson(): Promise<Person>;
  /** Ends the studio gracefully; nothing answers at its address then. */
  stop(): Promise<void>;
  /** Starts it again, at the same address. */
  begin(): Promise<void>;
  /** Ends it and starts it again. */
  restart(): Promise<void>;
}

export async function openScene({ env = {}, stepMs = 1 }: SceneOptions = {}): Promise<Scene> {
  const dir = await Deno.makeTempDir({ prefix: "animatrix-scene-" });
  const dataDir = `${dir}/data`;
  const draft = await openDraft(`${dir}/draft`, { stepMs });
  let people = 0;
  let running: Running | null = null;
  const open = async (port: string) => {
    const config = configFor(dataDir, { HOST: "127.0.0.1", DRAFT_URL: draft.url, ...env, PORT: port });
    const opened = await start(config, { onFatal: () => {} });
    running = opened;
    return opened;
  };
  const { url } = await open("0");
  const scene: Scene = {
    url,
    draft,
    dataDir,
    newPerson: async () => await new Person(url).register(`person-${++people}@studio.example`),
    async stop() {
      await running?.stop();
      running = null;
    },
    async begin() {
      await open(new URL(url).port);
    },
    async restart() {
      await scene.stop();
      await scene.begin();
    },
    async [Symbol.asyncDispose]() {
      await scene.stop();
      await draft.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
  return scene;
}
