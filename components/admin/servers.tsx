/** The render servers as operators see them: how they stand, what they hold, what they lack. */
import { nameServers } from "@/core/queue.ts";
import type { ShownBackend, ShownKnownLacks, ShownServerWork } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";
import { servers as added } from "@/core/words/servers.ts";
import { bytes, when } from "@/core/words/format.ts";
import { AtWork } from "./at_work.tsx";
import { Hold, LastFailure } from "./faring.tsx";
import { Lacks } from "./lacks.tsx";

const words = admin.servers;
const DOT = { up: "dot", drain: "dot now", down: "dot bad" };

/** What operators call each server: the name they gave it, else its kind and number. */
export function serverNames(servers: readonly ShownBackend[]): Map<string, string> {
  const given = new Map(servers.map(({ id, name }) => [id, name]));
  return new Map(
    nameServers(servers).map(({ id, engine, n, of }) => [id, given.get(id) ?? words.name(engine, n, of)]),
  );
}

export interface ServersProps {
  servers: ShownBackend[];
  /** By server; null where it did not tell. */
  lacks: Map<string, ShownKnownLacks["items"][number]>;
  work: Map<string, ShownServerWork>;
  now: number;
}

export function Servers({ servers, lacks, work, now }: ServersProps) {
  const names = serverNames(servers);
  return (
    <section aria-labelledby="servers">
      <div class="row">
        <h2 id="servers" class="label">{words.title}</h2>
        <a class="btn slim push" href="/admin/servers/new">{added.add.link}</a>
      </div>
      {servers.length === 0 && <p class="note">{words.none}</p>}
      <ul class="plain servers">
        {servers.map((server) => (
          <li key={server.id} class="panel">
            <div class="row">
              <i class={server.hold ? "dot bad" : DOT[server.status]} aria-hidden="true"></i>
              <h3>{names.get(server.id)}</h3>
              <span class="small">{words.status[server.status]}</span>
              <a class="btn slim push" href={`/admin/servers/${encodeURIComponent(server.id)}`}>
                {added.edit.link} <span class="unseen">{names.get(server.id)}</span>
              </a>
              <DrainForm server={server} />
            </div>
            <p class="tiny quiet">
              <span class="mono">{server.url}</span> · {added.origin[server.origin]}
            </p>
            {server.tags.length > 0 && (
              <p class="row">
                <span class="small quiet">{words.tags}</span>
                {server.tags.map((tag) => <span key={tag} class="tag">{tag}</span>)}
              </p>
            )}
            {server.problem && <p class="note bad">{server.problem}</p>}
            <Hold server={server} />
            {server.short && <p class="note">{added.short}</p>}
            <AtWork work={work.get(server.id)} now={now} />
            <Facts server={server} now={now} />
            {server.status !== "down" && <KnownLacks known={lacks.get(server.id)} now={now} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function KnownLacks({ known, now }: { known: ShownKnownLacks["items"][number] | undefined; now: number }) {
  return (
    <>
      <Lacks lacks={known?.items ?? null} />
      {known?.at && <p class="tiny quiet">{words.told(when(Date.parse(known.at), now))}</p>}
    </>
  );
}

function DrainForm({ server: { id, status } }: { server: ShownBackend }) {
  const isDrained = status === "drain";
  return (
    <form method="post" action="/admin">
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
  const { held, slots, vramBytes, vramFree, ramFree, version, lastSeenAt } = server;
  const card = server.gpu ?? server.device;
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
      <dd>
        {vramBytes === null ? words.unknown : bytes(vramBytes)}
        {vramFree !== null && <span class="quiet">, {added.memoryFree(bytes(vramFree))}</span>}
      </dd>
      {card && (
        <>
          <dt>{added.test.facts.device}</dt>
          <dd>{card}</dd>
        </>
      )}
      {ramFree !== null && (
        <>
          <dt>{added.test.facts.ram}</dt>
          <dd>{bytes(ramFree)}</dd>
        </>
      )}
      <LastFailure server={server} now={now} />
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
