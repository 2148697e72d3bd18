/** Studios, draft renderers and people for benches that measure whole processes. */
import { Person } from "@/tests/rig/person.ts";
import { type Process, startDraftRenderer, startStudio } from "@/tests/chaos/processes.ts";

export interface Stage {
  dir: string;
  draft: Process;
  studio: Process;
  person: Person;
  /** Kills the studio and starts it again on the same folder. Returns the moment of the kill. */
  kill(): Promise<number>;
  end(): Promise<void>;
}

export async function openStage(env: Record<string, string>, stepMs: number): Promise<Stage> {
  const dir = await Deno.makeTempDir();
  const draft = await startDraftRenderer(`${dir}/draft`, { stepMs, accepted: [] });
  const all = { DRAFT_URL: draft.url, ...env };
  let studio = await startStudio(`${dir}/data`, all);
  const ask = (request: Request) => {
    const { pathname, search } = new URL(request.url);
    return fetch(new Request(`${studio.url}${pathname}${search}`, request));
  };
  const person = await new Person("http://studio.test", ask).register();
  return {
    dir,
    draft,
    get studio() {
      return studio;
    },
    person,
    async kill() {
      const at = Date.now();
      studio.signal("SIGKILL");
      await studio.gone;
      studio = await startStudio(`${dir}/data`, all);
      return at;
    },
    async end() {
      studio.signal("SIGTERM");
      draft.signal("SIGTERM");
      await Promise.all([studio.gone, draft.gone]);
      await Deno.remove(dir, { recursive: true });
    },
  };
}
