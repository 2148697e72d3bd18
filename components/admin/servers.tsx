/** The render servers as operators see them: how they stand, what they hold, what they lack. */
import { nameServers } from "@/core/queue.ts";
import type { ShownBackend, ShownLacks } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";
import { bytes, when } from "@/core/words/format.ts";
import { Lacks } from "./lacks.tsx";

const words = admin.servers;
const DOT = { up: "dot", drain: "dot now", down: "dot bad" };

export interface ServersProps {
  servers: ShownBackend[];
  /** By server; null where it did not tell. */
  lacks: Map<string, ShownLacks["items"] | null>;
  now: number;
}

export function Servers({ servers, lacks, now }: ServersProps) {
  const names = new Map(
    nameServers(servers).map((name) => [name.id, words.name(name.engine, name.n, name.of)]),
  );
  return (
    <section aria-labelledby="servers">
      <h2 id="servers" class="label">{words.title}</h2>
      {servers.length === 0 && <p class="note">{words.none}</p>}
      <ul class="plain servers">
        {servers.map((server) => (
          <li key={server.id} class="panel">
            <div class="row">
              <i class={DOT[server.status]} aria-hidden="true"></i>
              <h3>{names.get(server.id)}</h3>
              <span class="small">{words.status[server.status]}</span>
              <DrainForm server={server} />
            </div>
            <p class="tiny quiet mono">{server.url}</p>
            {server.problem && <p class="note bad">{server.problem}</p>}
            <Facts server={server} now={now} />
            {server.status !== "down" && <Lacks lacks={lacks.get(server.id) ?? null} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function DrainForm({ server: { id, status } }: { server: ShownBackend }) {
  const isDrained = status === "drain";
  return (
    <form method="post" action="/admin" class="push">
      <input type="hidden" name="id" value={id} />
      <button
        type="submit"
        class="btn slim"
        name="act"
        value={isDrained ? "up" : "drain"}
        title={isDrained ? undefined : words.drainHint}
      >
        {isDrained ? words.up : words.drain}
      </button>
    </form>
  );
}

function Facts({ server, now }: { server: ShownBackend; now: number }) {
  const { held, slots, vramBytes, version, lastSeenAt } = server;
  return (
    <dl class="facts num">
      <dt>{words.slots}</dt>
      <dd>
        {words.used(held, slots)}
        <progress class="slots" max={slots} value={held} aria-label={words.slots} />
      </dd>
      <dt>{words.loaded}</dt>
      <dd title={server.loadedFamily ?? undefined}>{loadedOf(server)}</dd>
      <dt>{words.memory}</dt>
      <dd>{vramBytes === null ? words.unknown : bytes(vramBytes)}</dd>
      <dt>{words.version}</dt>
      <dd>{version ?? words.unknown}</dd>
      <dt>{words.seen}</dt>
      <dd>{lastSeenAt === null ? words.never : when(Date.parse(lastSeenAt), now)}</dd>
    </dl>
  );
}

/** What the models make; where that is not known, how many files they are. */
function loadedOf({ loadedFamily, loadedFor }: ShownBackend): string {
  if (loadedFamily === null) return words.nothing;
  return loadedFor.length > 0 ? loadedFor.join(", ") : words.models(loadedFamily.split(" + ").length);
}
