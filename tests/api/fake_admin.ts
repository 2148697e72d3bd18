/** What operators see of the studio in memory: one server, one letter that nobody could take, everybody's jobs. */
import type { Admin, BackendNote, EffectNote } from "@/core/admin.ts";
import { admitOne } from "./fake_jobs.ts";
import { noteIn } from "./fake_audit.ts";
import { fakeLine } from "./fake_line.ts";
import { isTerminal } from "@/core/status.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

export const BACKEND: BackendNote = {
  id: "b1",
  url: "http://gpu.internal:8188",
  engine: "comfy",
  slots: 2,
  held: 1,
  status: "up",
  version: "0.33.0",
  loadedFamily: "wan.safetensors",
  loadedFor: ["Move"],
  vram: 24e9,
  lastSeenAt: Date.UTC(2026, 10, 21, 11, 59),
  problem: null,
  failures: 4,
  lastFailure: {
    at: Date.UTC(2026, 10, 21, 11, 58),
    jobId: "j",
    stepId: "render",
    promptId: "p0",
    cause: "Node 3 (KSampler): RuntimeError: shapes do not match",
  },
  hold: { films: 3, until: Date.UTC(2026, 10, 21, 12, 1) },
  name: null,
  origin: "config",
  tags: [],
  gpu: null,
  device: "cuda:0 NVIDIA L4",
  vramFree: 9e9,
  ramFree: 40e9,
  short: false,
  slotsGiven: null,
  vramGiven: null,
  costHour: null,
  header: null,
  rev: 1,
};

const EFFECT: EffectNote = {
  id: "e1",
  actorId: "j",
  kind: "ensure_prompt",
  lane: "gpu",
  status: "open",
  tries: 1,
  note: "accepted",
  owner: "one",
  leaseUntil: Date.UTC(2026, 10, 21, 12, 0, 15),
  nextAt: Date.UTC(2026, 10, 21, 12, 0, 15),
};

export function fakeAdmin(kept: FakeStudio["kept"], clock: FakeClock): Admin {
  const live = () =>
    [...kept.jobs.values()].filter((job) => !isTerminal(job.status) && job.trashedAt === null);
  const slot = { n: 0, jobId: "j", title: "Harbour", stepId: "render", promptId: "p1", state: "held" };
  const fake: Admin = {
    queue: () =>
      Promise.resolve({
        waiting: 1,
        backends: [{
          backendId: "b1",
          url: BACKEND.url,
          engine: BACKEND.engine,
          status: "up",
          slots: [{ ...slot, since: clock.now() }],
          running: ["p1"],
          pending: ["p2"],
        }],
      }),
    backends: () => Promise.resolve([...kept.servers.values()]),
    lacks: (id) =>
      Promise.resolve(
        id !== "b1" ? null : [
          { template: "animate/move", title: "Move", lines: [] },
          {
            template: "s2v/performance",
            title: "Performance",
            lines: [
              { text: "Node class AudioEncoder is missing.", remedy: "Bring it up to date.", source: null },
              {
                text: "Model file voice.safetensors is missing.",
                remedy: "Put it into models/audio_encoders, from https://models.example.",
                source: "https://models.example",
              },
            ],
          },
        ],
      ),
    setBackend(id, status, by) {
      const server = kept.servers.get(id);
      if (!server) return Promise.resolve(false);
      const [before, after] = [{ status: BACKEND.status }, { status }];
      kept.servers.set(id, { ...server, status });
      noteIn(kept, clock, { action: `backend.${status}`, subject: id, before, after }, by);
      return Promise.resolve(true);
    },
    knownLacks: async () => {
      const told = await fake.lacks("b1", AbortSignal.timeout(1000));
      return [...kept.servers.keys()].map((backendId) => {
        const isTold = backendId === "b1";
        return { backendId, at: isTold ? clock.now() - 90_000 : null, items: isTold ? told : null };
      });
    },
    trustBackend(id, by) {
      const server = kept.servers.get(id);
      if (!server) return Promise.resolve(false);
      kept.servers.set(id, { ...server, hold: null });
      noteIn(kept, clock, {
        action: "backend.use",
        subject: id,
        before: { held: true },
        after: { held: false },
      }, by);
      return Promise.resolve(true);
    },
    ...fakeLine(kept, clock),
    liveRequests: () =>
      Promise.resolve(
        live().map((job) => ({
          id: job.id,
          owner: kept.accounts.find((account) => account.id === job.userId)?.email ?? "",
          priority: job.priority,
          status: job.status,
          paused: job.paused,
          batchId: job.batchId,
          projectId: job.projectId,
          settings: job.settings,
        })),
      ),
    known: (ids) => Promise.resolve(new Set(ids.filter((id) => kept.jobs.has(id)))),
    admit(jobs, entry, by) {
      noteIn(kept, clock, entry, by);
      for (const job of jobs) if (!kept.jobs.has(job.id)) admitOne(kept, clock, job);
      return Promise.resolve();
    },
    actors: () => Promise.resolve([]),
    effects: () => Promise.resolve([EFFECT]),
    actor: (id) =>
      Promise.resolve(
        !kept.jobs.has(id) ? null : {
          id,
          kind: "job",
          userId: kept.jobs.get(id)?.userId ?? "",
          ver: 3,
          priority: 0,
          state: { phase: "open" },
          title: kept.jobs.get(id)?.title ?? "",
          owner: kept.accounts.find((one) => one.id === kept.jobs.get(id)?.userId)?.email ?? "",
          problem: { code: "comfy.execution", cause: "Node 3: RuntimeError: no such shape" },
          steps: [{
            id: "chunk-001",
            title: "Part 1",
            kind: "prompt",
            needs: ["prepare"],
            state: "granted",
            take: 0,
            attempt: 1,
            backendId: "b1",
            promptId: "p1",
          }],
          mail: [{ id: "m1", kind: "grant", dueAt: clock.now(), attempts: 0, error: null }],
          effects: [{ ...EFFECT, actorId: id }],
          history: [{ seq: 1, at: clock.now(), kind: "status", message: "Queued." }],
        },
      ),
    deadLetters: () =>
      Promise.resolve([{
        id: "letter",
        actorId: "j",
        kind: "prompt.finished",
        error: "Cannot read properties of undefined",
        attempts: 5,
        at: clock.now() - 60_000,
      }]),
    settle(id, how, by) {
      if (id !== "letter") return Promise.resolve(false);
      noteIn(kept, clock, { action: `letter.${how}`, subject: id, before: null, after: null }, by);
      return Promise.resolve(true);
    },
    tell(mail, entry, by) {
      kept.mail.push(mail);
      noteIn(kept, clock, entry, by);
      return Promise.resolve();
    },
  };
  return fake;
}
