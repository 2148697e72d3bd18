/** English: webhooks and what was sent there. */
import type { DeliveryKind, TryEnd, WebhookEnd, WebhookEvent } from "../../webhooks.ts";
import { count } from "./format.ts";

export const webhooks = {
  title: "Webhooks",
  text:
    "The studio tells a program of yours, at an address of your choice, what becomes of your films. Messages are signed by Standard Webhooks.",
  none: "You have no webhooks yet.",
  events: {
    "job.started": "A film is begun",
    "job.waiting": "A part waits for your approval",
    "job.completed": "A film is done",
    "job.failed": "A film has failed",
    "job.cancelled": "A film was cancelled",
  } satisfies Record<WebhookEvent, string>,
  kinds: {
    "job.started": "Begun",
    "job.waiting": "Waits for approval",
    "job.completed": "Done",
    "job.failed": "Failed",
    "job.cancelled": "Cancelled",
    ping: "Test message",
  } satisfies Record<DeliveryKind, string>,
  make: {
    title: "Make a webhook",
    url: "Address",
    urlHint: "An https address that can be reached from the internet.",
    events: "Tell it when",
    go: "Make the webhook",
    made: "Copy this secret now; it is not shown again. With it your program verifies the messages.",
    label: "The secret",
  },
  states: { on: "on", off: "off", failing: "does not answer" },
  counts: (events: number) => count(events, "event"),
  endedBy: {
    operator: "An operator switched it off. Ask them to switch it on again.",
    gone: "Switched off, since the receiver answered that it wants no more (410).",
    failing:
      "Switched off, since nothing arrived there for three days. Mend the receiver, then switch it on.",
  } satisfies Record<WebhookEnd, string>,
  failing: (when: string) => `Nothing has arrived since ${when}. It is tried again, later each time.`,
  back: "All webhooks",
  change: "Save",
  on: "Switch on",
  off: "Switch off",
  remove: "Remove",
  rotate: {
    title: "Secret",
    text: "A new secret takes the place of the old one, which goes on signing for a day.",
    go: "Make a new secret",
    both: (until: string) => `Both secrets sign until ${until}.`,
  },
  log: {
    title: "What was sent",
    text: "Kept for 30 days. A message is tried up to ten times within about three days.",
    ping: "Send a test message",
    none: "Nothing was sent yet.",
    replay: "Send again",
    replayOf: (kind: string, when: string) => `Send again: ${kind}, ${when}`,
    further: "Older",
    job: "Its film",
    states: { open: "under way", delivered: "arrived", failed: "given up" },
    next: (time: string) => `next try at ${time}`,
    tries: (tries: number) => count(tries, "try", "tries"),
    one: (n: number, time: string, end: string, ms: number) => `${n}. ${time}: ${end}, ${ms} ms`,
    answered: (status: number) => `answered ${status}`,
    ends: {
      delivered: "arrived",
      answered: "refused",
      timeout: "no answer in 15 s",
      unreachable: "not reached",
      not_public: "the address is not public",
      unsealed: "the studio cannot read the secret; make a new one",
    } satisfies Record<TryEnd, string>,
  },
  done: {
    saved: "Saved.",
    on: "It is switched on.",
    off: "It is switched off.",
    ping: "The test message is on its way.",
    replay: "The message is on its way again.",
    removed: "The webhook is gone, and its log with it.",
  } as Record<string, string>,
  /** For operators. */
  all: {
    title: "Everybody's webhooks",
    about:
      "Where people's programs are told of their films. Addresses are shown without their query and without long parts, which may be secrets.",
    empty: "Nobody has a webhook.",
    columns: { where: "Where", state: "State", last: "Last message", open: "To send" },
    open: (open: number, failed: number) =>
      [open > 0 ? `${open} under way` : "", failed > 0 ? `${failed} given up` : ""].filter((part) => part)
        .join(", ") || "Nothing",
    never: "Nothing was sent yet",
    last: (end: string, when: string) => `${end}, ${when}`,
    failures: (tries: number) => `${count(tries, "failure")} in a row`,
    of: (email: string) => `Of ${email}`,
    ended: {
      gone: "Switched off, since the receiver wants no more (410).",
      failing: "Switched off, since nothing arrived there for three days.",
      operator: "Switched off by an operator; its owner cannot switch it on.",
    } satisfies Record<WebhookEnd, string>,
    off: "Switched off here, it says so to its owner, who cannot switch it on.",
    further: "Older",
  },
};
