/** English: what a person may use of the studio, what they use, and what it cost. */
import { bytes, count, span } from "./format.ts";

const minutes = (seconds: number) =>
  seconds > 0 && seconds < 60 ? "under 1 min" : `${Math.round(seconds / 60)} min`;

export const quota = {
  money: (amount: number, currency: string) => `${amount.toFixed(2)} ${currency}`,
  queued: (limit: number, used: number) =>
    `You may have ${
      count(limit, "film")
    } waiting or under way, and have ${used}. There is room as soon as one of them ends.`,
  minutes: (
    { limit, usedS, reservedS }: { limit: number; usedS: number; reservedS: number },
    freesInS: number | null,
  ) =>
    `You have used ${minutes(usedS)} of rendering within 24 hours${
      reservedS > 0
        ? `, your films that wait or are under way will take about ${minutes(reservedS)} more`
        : ""
    }, and you may use ${limit} min. ` +
    (freesInS !== null
      ? `There is more in about ${span(freesInS)}.`
      : reservedS > 0
      ? "There is room when fewer films wait, or a day after they are made."
      : "An operator can give you more."),
  disk: (limit: number, used: number, reserved: number) =>
    `Your files take ${bytes(used)}${
      reserved > 0 ? `, your films that wait or are under way will take about ${bytes(reserved)} more` : ""
    }, and they may take ${
      bytes(limit)
    }. Delete films or files that you do not need, for good, to make room.`,
  /** To an operator, of somebody else. */
  ofOther: {
    "job.queue_full": (email: string, limit: number, used: number) =>
      `${email} may have ${count(limit, "film")} waiting or under way, and has ${used}.`,
    "quota.minutes": (email: string, limit: number, usedS: number, reservedS: number) =>
      `${email} may use ${limit} min of rendering within 24 hours; ${minutes(usedS)} are used, ${
        minutes(reservedS)
      } set aside for what waits.`,
    "quota.disk": (email: string, limit: number, used: number, reserved: number) =>
      `Files of ${email} may take ${bytes(limit)}; ${bytes(used)} are used, ${
        bytes(reserved)
      } set aside for what waits.`,
  },
  own: {
    title: "What you use",
    queued: "Films waiting or under way",
    running: "Films on render servers",
    gpu: "Rendering in 24 hours",
    disk: "Files",
    money: "Cost in 30 days",
    of: (used: string, limit: string | null) => limit === null ? used : `${used} of ${limit}`,
    reserved: (used: string, reserved: string) => `${used}, ${reserved} set aside`,
    minutes,
  },
  spend: {
    title: "Use and cost",
    none: "Nobody rendered anything within 30 days.",
    person: "Person",
    day: "24 hours",
    month: "30 days",
    disk: "Files",
    all: "All together",
    left: "Somebody who left",
  },
};
