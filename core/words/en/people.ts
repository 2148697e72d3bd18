/** English: the people of the studio and their invitations, for operators. */
import { count } from "./format.ts";

const figure = (value: number) => String(Math.round(value * 10) / 10);

export const people = {
  title: "People",
  text: (n: number) => `${count(n, "person has", "people have")} an account here.`,
  open: "Everybody who can open this page may make an account.",
  closed: "New people need an invitation.",
  you: "you",
  roles: { creator: "Creator", operator: "Operator" },
  closedSince: (day: string) => `closed since ${day}`,
  films: (n: number) => count(n, "film"),
  seen: (when: string) => `last seen ${when}`,
  neverSeen: "not signed in",
  since: (day: string) => `here since ${day}`,
  actions: {
    toOperator: "Make operator",
    toCreator: "Make creator",
    close: "Close account",
    reopen: "Open account",
    link: "New password",
    films: {
      pause: (n: number) => `Pause ${count(n, "film")}`,
      cancel: (n: number) => `Cancel ${count(n, "film")}`,
    },
    of: (action: string, email: string) => `${action}: ${email}`,
  },
  limit: {
    title: "Limits and share",
    labels: {
      jobsMax: "Films waiting or under way",
      runningMax: "Films on render servers",
      gpuMinutesMax: "Minutes of rendering in 24 hours",
      diskGbMax: "Gigabytes of files",
      weight: "Share of the servers",
    },
    none: "As for all",
    usual: "1, as for all",
    /** What is used of a limit, and whether the limit is everybody's. */
    used: (used: number, most: number | null, isUsual: boolean) =>
      `Now ${figure(used)}${most === null ? ", no limit" : ` of ${figure(most)}`}${
        isUsual ? " for all" : ""
      }`,
    stale: (email: string) => `Another operator changed ${email} meanwhile; nothing of yours was saved.`,
    both: (label: string, now: string, yours: string) => `${label}: now ${now}, you wrote ${yours}.`,
    save: "Set limits",
  },
  done: {
    limited: "The limits and the share are set. Films that wait already stay.",
    operator: "They are an operator now.",
    creator: "They are a creator now.",
    closed:
      "The account is closed and signed out everywhere. Open films go on; pause or cancel them here, in the row of the account.",
    opened: "The account is open again.",
    revoked: "The invitation is taken back.",
  } as Record<string, string>,
  passwordLink: (email: string, day: string) =>
    `Send this link to ${email}. It is not shown again, and it is good until ${day} for one new password.`,
  invite: {
    title: "Invite somebody",
    text: "Makes a link that lets one person make one account. Send it by any way you like.",
    note: "Whom it is for",
    noteHint: "Only operators see this.",
    role: "Role",
    days: "Good for",
    dayCounts: { "1": "1 day", "7": "7 days", "30": "30 days" } as Record<string, string>,
    go: "Make the link",
    made: (day: string) => `Copy this link now; it is not shown again. It is good until ${day}.`,
    link: "The link",
  },
  invitations: {
    title: "Invitations",
    none: "Nobody is invited at the moment.",
    noNote: "Without a note",
    states: { open: "open", used: "used", expired: "run out" },
    until: (day: string) => `good until ${day}`,
    ranOut: (day: string) => `ran out on ${day}`,
    usedBy: (email: string) => `used by ${email}`,
    used: "used by somebody who has left",
    revoke: "Take back",
    remove: "Remove",
    of: (action: string, note: string) => `${action}: ${note}`,
  },
};
