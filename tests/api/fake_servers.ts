/** Servers of the studio in memory: whatever has "silent" in its address does not answer. */
import type { BackendNote } from "@/core/admin.ts";
import type { Servers, ServerTest, ServerWish } from "@/core/servers.ts";
import { servers as words } from "@/core/words/servers.ts";
import { BACKEND } from "./fake_admin.ts";
import { noteIn } from "./fake_audit.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

export function fakeServers(kept: FakeStudio["kept"], clock: FakeClock): Servers {
  const all = kept.servers;
  return {
    test({ id, url }) {
      const server = id === undefined ? undefined : all.get(id);
      return Promise.resolve(id !== undefined && !server ? null : answerOf(url ?? server?.url ?? ""));
    },
    add(wish, { untested }, by) {
      const test = answerOf(wish.url);
      if (!untested && !test.reachable) return Promise.resolve({ end: "silent", test });
      const twin = [...all.values()].find(({ url }) => url === wish.url);
      if (twin) return Promise.resolve({ end: "taken", id: twin.id });
      const id = `b${all.size + 1}`;
      const first: BackendNote = { ...BACKEND, id, held: 0, origin: "added", url: wish.url };
      all.set(id, changed(first, wish));
      noteIn(kept, clock, { action: "backend.add", subject: id, before: null, after: null }, by);
      return Promise.resolve({ end: "saved", id, rev: 1, headerGone: false });
    },
    edit(id, { rev, ...wish }, by) {
      const server = all.get(id);
      if (!server) return Promise.resolve({ end: "missing" });
      if (server.rev !== rev) return Promise.resolve({ end: "changed" });
      if (wish.url !== undefined && wish.url !== server.url) {
        if (server.origin !== "added") return Promise.resolve({ end: "fixed", origin: server.origin });
        if (server.held > 0) return Promise.resolve({ end: "works", parts: server.held });
      }
      all.set(id, { ...changed(server, wish), rev: rev + 1 });
      noteIn(kept, clock, { action: "backend.edit", subject: id, before: null, after: null }, by);
      const isMoved = wish.url !== undefined && wish.url !== server.url;
      const headerGone = isMoved && wish.header === undefined && server.header !== null;
      return Promise.resolve({ end: "saved", id, rev: rev + 1, headerGone });
    },
    remove(id, by) {
      const server = all.get(id);
      if (!server) return Promise.resolve({ end: "missing" });
      const { origin, held } = server;
      if (origin === "config" || origin === "draft") return Promise.resolve({ end: "fixed", origin });
      if (held > 0) return Promise.resolve({ end: "works", parts: held });
      all.delete(id);
      noteIn(kept, clock, { action: "backend.remove", subject: id, before: null, after: null }, by);
      return Promise.resolve(null);
    },
  };
}

function changed(server: BackendNote, wish: ServerWish): BackendNote {
  const { url = server.url, name = server.name, slots = server.slotsGiven, tags = server.tags } = wish;
  const { gpu = server.gpu, vramBytes = server.vramGiven, costHour = server.costHour } = wish;
  const { header } = wish;
  const shown = header === undefined ? server.header : header?.slice(-4) ?? null;
  return {
    ...server,
    url,
    name,
    slotsGiven: slots,
    tags,
    gpu,
    vramGiven: vramBytes,
    costHour,
    header: shown,
  };
}

function answerOf(url: string): ServerTest {
  const nothing = { version: null, device: null, vramBytes: null, vramFree: null, ramFree: null };
  if (url.includes("silent")) {
    const problem = words.tried["comfy.unreachable"] ?? "";
    return { reachable: false, problem, ...nothing, lacks: [], able: [] };
  }
  const told = {
    version: "0.33.0",
    device: "cuda:0 NVIDIA L4",
    vramBytes: 24e9,
    vramFree: 9e9,
    ramFree: 4e10,
  };
  return { reachable: true, problem: null, ...told, lacks: [], able: ["Move"] };
}
