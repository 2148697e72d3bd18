/** Render servers as operators add, try, edit and remove them while the studio runs. */
import type { Vault } from "@/adapters/auth/vault.ts";
import { Secret } from "@/core/config.ts";
import type { Comfy, Ids } from "@/core/ports.ts";
import { problem, problemOf } from "@/core/problem.ts";
import { sameAddress, type Servers, type ServerTest, type ServerWish } from "@/core/servers.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Template } from "@/core/template.ts";
import { classesOf } from "@/core/workflow/mod.ts";
import { servers as words } from "@/core/words/servers.ts";
import { addServer, editServer, removeServer, type ServerChange } from "@/db/servers.ts";
import type { Database } from "@/db/sqlite.ts";
import { type Clients, fresh, headerOf } from "../backends.ts";
import type { ShelfDoor } from "./shelf.ts";

export interface ServerParts {
  db: Pick<Database, "writer">;
  store: Pick<Store, "backends">;
  ids: Ids;
  vault: Vault;
  templates: Template[];
  clients: Pick<Clients, "tryAt">;
  shelf: Pick<ShelfDoor, "lacksIn">;
  /** COMFY_AUTH_HEADER. */
  usualHeader(): Secret | null;
  /** Prompts per server where none are set for it. */
  slots: number;
  /** Servers changed: what is offered and the schedule follow. */
  onChange(): Promise<void>;
}

const TRY_MS = 8000;

export function openServers(parts: ServerParts): Servers {
  const { db, store, ids, vault, slots, usualHeader, onChange } = parts;
  const changed = async <End extends { end: string } | null>(end: End): Promise<End> => {
    if (end === null || end.end === "saved") await onChange();
    return end;
  };
  return {
    async test({ id, url, header }, signal) {
      const rows = await store.backends();
      const row = id === undefined ? undefined : rows.find((one) => one.id === id);
      if (id !== undefined && !row) return null;
      const address = url ?? row?.url ?? "";
      const there = rows.find((one) => sameAddress(one.url, address));
      const secret = secretFor({ there, header }, { vault, usual: usualHeader() });
      return await tryServer({ url: address, header: secret }, { ...parts, signal });
    },
    async add(wish, { untested }, by) {
      const header = wish.header ? new Secret(wish.header) : null;
      if (!untested) {
        const test = await tryServer({ url: wish.url, header }, {
          ...parts,
          signal: AbortSignal.timeout(TRY_MS),
        });
        if (!test.reachable) return { end: "silent", test };
      }
      const id = `comfy-${ids.uuid4().slice(0, 8)}`;
      const row = { ...fresh({ id, url: wish.url, engine: "comfy" }), slots: wish.slots ?? slots };
      return await changed(await addServer(db.writer, { row, change: changeOf(wish, vault) }, by));
    },
    async edit(id, { rev, ...wish }, by) {
      const change = changeOf(wish, vault);
      const row = (await store.backends()).find((one) => one.id === id);
      // Sent back as it was shown: no other address.
      if (row && change.url !== undefined && sameAddress(change.url, row.url)) delete change.url;
      return await changed(await editServer(db.writer, { id, rev, change, slots }, by));
    },
    remove: async (id, by) => await changed(await removeServer(db.writer, id, by)),
  };
}

/**
 * No header that the studio keeps is ever sent to another address than the one that it was given for. Null takes a
 * server's own away, and leaves the usual one.
 */
function secretFor(
  { there, header }: { there: BackendRow | undefined; header?: string | null },
  keys: { vault: Vault; usual: Secret | null },
): Secret | null {
  if (typeof header === "string") return new Secret(header);
  if (!there) return null;
  return headerOf(header === null ? { ...there, auth: null } : there, keys);
}

function changeOf(
  { url, name, slots, header, tags, gpu, vramBytes, costHour }: ServerWish,
  vault: Vault,
): ServerChange {
  const given: ServerChange = {
    url,
    name: name === "" ? null : name,
    slotsGiven: slots,
    auth: header === undefined || header === null ? header : vault.seal(header),
    tags,
    gpu: gpu === "" ? null : gpu,
    vramGiven: vramBytes,
    costHour,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

interface Trial extends Pick<ServerParts, "clients" | "store" | "templates" | "shelf"> {
  signal: AbortSignal;
}

async function tryServer(
  of: { url: string; header: Secret | null },
  { clients, store, templates, shelf, signal }: Trial,
): Promise<ServerTest> {
  const nothing = { version: null, device: null, vramBytes: null, vramFree: null, ramFree: null, able: [] };
  let client: Comfy | null = null;
  try {
    const drafts = (await store.backends()).filter(({ engine }) => engine === "draft");
    const isDraft = drafts.some(({ url }) => sameAddress(url, of.url));
    client = clients.tryAt({ url: of.url, engine: isDraft ? "draft" : "comfy" }, of.header);
    const comfy = client;
    const { version, device, vramTotal, vramFree, ramFree } = await within(signal, comfy.status(signal));
    const asked = [...new Set(templates.flatMap(classesOf))];
    const definitions = await within(signal, comfy.definitions(asked, { fresh: true, signal }));
    const all = shelf.lacksIn({ definitions, vramBytes: vramTotal });
    return {
      reachable: true,
      problem: null,
      version,
      device,
      vramBytes: vramTotal,
      vramFree,
      ramFree,
      lacks: all.filter(({ lines }) => lines.length > 0),
      able: all.filter(({ lines }) => lines.length === 0).map(({ title }) => title),
    };
  } catch (thrown) {
    const { code } = signal.aborted ? problem("comfy.unreachable") : problemOf(thrown);
    return { reachable: false, problem: words.tried[code] ?? words.tried.other, ...nothing, lacks: [] };
  } finally {
    await client?.close();
  }
}

/** The end of the time is an end, whatever the far side does. */
async function within<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  work.catch(() => {});
  const late = Promise.withResolvers<never>();
  const end = () => late.reject(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
