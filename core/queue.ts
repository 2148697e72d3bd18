/** The queue as people and operators ask for it, and what a job in it waits for. */
import type { Outlook } from "./forecast.ts";
import type { Wish } from "./foresight.ts";
import type { Status } from "./status.ts";

/** Largest file of a queue that is taken in again: more than every studio of a reasonable size has waiting. */
export const QUEUE_FILE_BYTES_MAX = 64 * 1024 * 1024;

/** The render servers in three figures. */
export interface PoolState {
  /** Servers that are meant to work; the draft renderer counts only where there is no other. */
  servers: number;
  up: number;
  /** Only the draft renderer is there. */
  draftOnly: boolean;
  /** Jobs of everybody that hold a server, and jobs that wait for one. */
  rendering: number;
  waiting: number;
}

/** Seconds from now: what is likely, and the range. */
export interface Range {
  likelyS: number;
  lowS: number;
  highS: number;
}

export interface QueuedJob extends Pick<Outlook, "place" | "backendId"> {
  jobId: string;
  ownerId: string;
  /** The higher is first; then the lower rank. */
  priority: number;
  rank: number;
  /** It is under way: on a server, or in the studio with nothing that waits for one. */
  runs: boolean;
  /** A step of it waits for a server. */
  waits: boolean;
  /** A limit of its owner that keeps it waiting: jobs on servers at once, or minutes of the day. */
  kept: "limit" | "minutes" | null;
  /** A server that is up could take what waits. */
  fits: boolean;
  start: Range | null;
  end: Range | null;
}

/** A server as people know it: by kind and number, never by address. */
export interface ServerName {
  id: string;
  engine: "draft" | "comfy";
  /** From 1, in the order of the configuration's ids. */
  n: number;
  /** How many of its kind there are. */
  of: number;
  isUp: boolean;
}

export interface OwnQueue {
  /** In the order that the person gave them. */
  jobs: QueuedJob[];
  servers: ServerName[];
}

/** What a job would meet that is not made yet. */
export interface Prospect {
  /** Of its work, without any wait. */
  work: Range;
  /** Its place among the jobs that wait for a server, from 1. */
  place: number;
  /** Seconds until a server takes it; null where none of its kind answers, or too far away. */
  startS: number | null;
}

export interface Queues {
  /** At most a second old, and cheap: every page asks. */
  pool(): Promise<PoolState>;
  /** What a person's live jobs do and wait for. */
  own(userId: string): Promise<OwnQueue>;
  /** How long a job would take and what it would wait for, were it asked for now. */
  foresee(wish: Wish): Promise<Prospect>;
  /** Jobs exchange their places. False when one of them is another's or has ended. */
  arrange(userId: string, jobIds: readonly string[]): Promise<boolean>;
}

export const WAITS = [
  "start",
  "check",
  "pause",
  "stop",
  "choice",
  "approval",
  "maintenance",
  "retry",
  "server",
  "able",
  "limit",
  "minutes",
  "turn",
] as const;
export type Wait = (typeof WAITS)[number];

interface Standing {
  status: Status;
  paused: boolean;
  cancelling: boolean;
  /** Steps whose new take waits for a person's choice. */
  retakes: readonly string[];
  /** Takes that wait to be approved. */
  approvals: readonly unknown[];
}

/** What a job waits for that does nothing now; null while something of it is under way. */
export function waitOf(
  job: Standing,
  queued: QueuedJob,
  { isUp, heldBack }: { isUp: boolean; heldBack: boolean },
): Wait | null {
  if (job.cancelling) return "stop";
  if (heldBack) return "maintenance";
  if (queued.runs) return null;
  if (job.paused) return "pause";
  if (job.status === "created") return "start";
  if (job.status === "validating" || job.status === "uploading_assets") return "check";
  if (queued.waits && queued.kept !== null) return queued.kept;
  if (queued.waits) return !isUp ? "server" : queued.fits ? "turn" : "able";
  if (job.approvals.length > 0) return "approval";
  return job.retakes.length > 0 ? "choice" : "retry";
}

export const ACTS = ["start", "pause", "resume", "edit", "cancel"] as const;
export type Act = (typeof ACTS)[number];

/** What its owner may do with a live job now, by the rules of the API's commands. */
export function actsOf({ status, paused, cancelling }: Omit<Standing, "retakes" | "approvals">): Act[] {
  if (cancelling) return [];
  const isUnderWay = status !== "created" && status !== "validating";
  const acts: Act[] = [];
  if (status === "created") acts.push("start");
  if (paused) acts.push("resume");
  else if (isUnderWay) acts.push("pause");
  return [...acts, "edit", "cancel"];
}

/** Servers in the order of their addresses, numbered by kind. */
export function nameServers(
  rows: readonly { id: string; engine: "draft" | "comfy"; status: string; url?: string }[],
): ServerName[] {
  const placeOf = ({ url = "", id }: typeof rows[number]) => `${url} ${id}`;
  const sorted = rows.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return sorted.map(({ id, engine, status }) => {
    const kin = sorted.filter((row) => row.engine === engine);
    return {
      id,
      engine,
      n: kin.findIndex((row) => row.id === id) + 1,
      of: kin.length,
      isUp: status === "up",
    };
  });
}

export const MOVES = ["front", "up", "down"] as const;
export type Move = (typeof MOVES)[number];

/** Ids in the order after one of them moved. */
export function moved(ids: readonly string[], id: string, move: Move): string[] {
  const from = ids.indexOf(id);
  const to = move === "front" ? 0 : move === "up" ? from - 1 : from + 1;
  return moveTo(ids, from, to);
}

/** A place beyond either end is that end; an unknown one changes nothing. */
export function moveTo<T>(list: readonly T[], from: number, to: number): T[] {
  const item = list[from];
  if (item === undefined) return [...list];
  const rest = list.filter((_, at) => at !== from);
  return rest.toSpliced(Math.max(0, Math.min(rest.length, to)), 0, item);
}

/** What a button of the queue page asks of the API. Null for a name that no button has. */
export function callOf(
  { act, id }: { act: string; id: string },
  waiting: readonly string[],
): { path: string; body: Record<string, unknown> } | null {
  const [what, all] = act.split("_");
  if (all === "all") return isForAll(what) ? { path: `/api/queue/${what}`, body: {} } : null;
  if (!/^[0-9a-f-]{36}$/.test(id)) return null;
  if (act === "others") return { path: "/api/queue/cancel", body: { except: id } };
  const move = MOVES.find((one) => one === act);
  if (move) return { path: "/api/queue/order", body: { ids: moved(waiting, id, move) } };
  return ACTS.some((one) => one === act && one !== "edit")
    ? { path: `/api/jobs/${id}/${act}`, body: {} }
    : null;
}

function isForAll(what: string | undefined): boolean {
  return what === "cancel" || what === "pause" || what === "resume";
}
