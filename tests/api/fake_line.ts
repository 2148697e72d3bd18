/** Everybody's queue in memory, as operators see it and tell it things. */
import type { Admin, LineJob, LineName } from "@/core/admin.ts";
import type { AuditAction } from "@/core/audit.ts";
import { type Chosen, concerns, type LineFilter, movedInLine } from "@/core/line.ts";
import { isTerminal } from "@/core/status.ts";
import type { JobRecord } from "@/core/studio.ts";
import { noteIn } from "./fake_audit.ts";
import { changeJob } from "./fake_jobs.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

type Line = Pick<Admin, "line" | "count" | "liveJob" | "tellMany" | "move" | "revise">;

export function fakeLine(kept: FakeStudio["kept"], clock: FakeClock): Line {
  let front: string[] = [];
  const all = () =>
    [...kept.jobs.values()].filter((job) => !isTerminal(job.status) && job.trashedAt === null);
  const ownerOf = (job: JobRecord) => kept.accounts.find(({ id }) => id === job.userId)?.email ?? "";
  const fits = ({ name, owner, mode, search }: LineFilter) => (job: JobRecord) =>
    (name === null || nameOf(job) === name) && (owner === null || ownerOf(job) === owner) &&
    (mode === null || job.mode === mode) && (search === null || job.title.includes(search));
  const waiting = () =>
    all().filter((job) => nameOf(job) === "waiting").map(({ id }) => id)
      .sort((a, b) => placeOf(a) - placeOf(b));
  const placeOf = (id: string) => front.includes(id) ? front.indexOf(id) : Infinity;
  const meant = (chosen: Chosen) =>
    "ids" in chosen ? all().filter(({ id }) => chosen.ids.includes(id)) : all().filter(fits(chosen.where));
  return {
    line(filter, { offset, limit }) {
      const order = waiting();
      const jobs = all().filter(fits(filter)).sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
      const items = jobs.map((job): LineJob => ({
        ...pickShown(job),
        owner: ownerOf(job),
        front: front.includes(job.id),
        byOperator: job.byOperator === true,
        place: filter.name === "waiting" ? order.indexOf(job.id) + 1 : null,
        backendId: filter.name === "held" ? null : "b1",
        start: null,
        end: filter.name === "held" ? null : { likelyS: 60, lowS: 45, highS: 90 },
      }));
      return Promise.resolve({ items: items.slice(offset, offset + limit), total: items.length });
    },
    count: (filter) => Promise.resolve(all().filter(fits(filter)).length),
    liveJob(id) {
      const job = all().find((job) => job.id === id);
      return Promise.resolve(job ? { ...job, ownerId: job.userId, owner: ownerOf(job) } : null);
    },
    tellMany(chosen, { act, message, priority }, by) {
      const found = meant(chosen);
      const ids = found.filter((job) => concerns({ ...job, byOperator: job.byOperator === true }, act))
        .map(({ id }) => id);
      for (const id of ids) kept.mail.push({ id: `${act}:${id}`, to: id, kind: act, body: message });
      const after = { told: act, jobs: ids.length, ids: ids.join(" "), priority };
      const action = `queue.${act}` as AuditAction;
      if (ids.length > 0) noteIn(kept, clock, { action, subject: "queue", before: null, after }, by);
      const wanted = "ids" in chosen ? chosen.ids.length : found.length;
      return Promise.resolve({ told: ids.length, passed: wanted - ids.length });
    },
    move(chosen, to, by) {
      const ids = meant(chosen).map(({ id }) => id);
      const next = movedInLine({ waiting: waiting(), front }, ids, to);
      if (ids.length > 0 && next === null) return Promise.resolve(null);
      if (ids.length > 0) front = next ?? front;
      const [subject = ""] = ids;
      if (ids.length > 0) {
        noteIn(kept, clock, { action: "job.move", subject, before: null, after: { to } }, by);
      }
      const wanted = "ids" in chosen ? chosen.ids.length : ids.length;
      return Promise.resolve({ told: ids.length, passed: wanted - ids.length });
    },
    revise(jobId, { rev, plan, mail, row }, entry, by) {
      if (kept.plans.has(`${jobId} ${rev}`)) return Promise.resolve(false);
      kept.plans.set(`${jobId} ${rev}`, plan);
      kept.mail.push(mail);
      if (row) changeJob(kept, jobId, row);
      noteIn(kept, clock, entry, by);
      return Promise.resolve(true);
    },
  };
}

function nameOf({ status, paused }: JobRecord): LineName {
  if (status === "executing") return "running";
  return status === "queued" && !paused ? "waiting" : "held";
}

function pickShown(job: JobRecord) {
  const { id, title, mode, engine, status, stage, paused, cancelling, share, priority, createdAt } = job;
  return { id, title, mode, engine, status, stage, paused, cancelling, share, priority, createdAt };
}
