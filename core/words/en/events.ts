/** English: the history of a job, each kind of event as one sentence. */
import type { EventBodies, EventKind } from "../../history.ts";
import type { Status } from "../../status.ts";
import { bytes, count } from "./format.ts";
import { problems } from "./problems.ts";

const statuses: Record<Status, string> = {
  created: "The job was made.",
  validating: "The files of the job are being checked.",
  uploading_assets: "The files are being prepared and sent.",
  queued: "The job waits for a render server.",
  executing: "The job is being made.",
  collecting_outputs: "The parts are being collected and joined.",
  quality_check: "The result is being measured.",
  completed: "The film is ready.",
  failed: "The job has failed.",
  cancelled: "The job was cancelled.",
};

export const events: { [Kind in EventKind]: (body: EventBodies[Kind]) => string } = {
  "status": ({ status }) => statuses[status],
  "run": ({ run }) => `Run ${run} begins.`,
  "step.started": ({ title }) => `${title} is being made.`,
  "step.done": ({ title }) => `${title} is done.`,
  "step.waits": ({ title }) => `${title} is there and waits for you: go on with it, or take it again.`,
  "step.approved": ({ title }) => `${title} was approved; the job goes on.`,
  "step.reused": ({ title }) => `${title} was made before and is used again.`,
  "step.failed": ({ title, code, because }) => `${title} failed: ${because ?? problems[code]}`,
  "step.retry": ({ title, delayMs, code, because }) =>
    `${title} is tried again in ${Math.ceil(delayMs / 1000)} s: ${because ?? problems[code]}`,
  "step.lost": ({ title }) => `The render server forgot ${title}; it runs once more.`,
  "step.moved": () => "The render server does not answer; the part waits for another one.",
  "step.elsewhere": ({ title }) => `${title} failed on one render server and is tried once on another.`,
  "step.again": ({ reason }) =>
    reason === "damaged"
      ? "Files made before are damaged; the part is made again."
      : "The render server went away with the files of this part; it is made again.",
  "files.missing": () => "Stored files are gone or damaged; the parts that made them run again.",
  "retake": ({ title }) => `${title} is taken again.`,
  "retake.ready": () => "The new take is there: choose whether what follows is made again.",
  "retake.refused": () => "This part cannot be taken again now.",
  "edited": ({ byOperator }) =>
    byOperator ? "An operator of the studio changed the plan." : "The plan was changed.",
  "cut": () => "The take was given an earlier end.",
  "pieces.dropped": ({ days, files, bytes: size = 0, stays = "film" }) =>
    `${files === undefined ? "The parts" : `${count(files, "file")} of its parts (${bytes(size)})`} went ${
      days === 1 ? "a day" : `${days} days`
    } after the end, as this studio is set. ${
      stays === "film" ? "The film stays." : "A retry makes them again."
    }`,
  "edit.refused": () => "The change touches a part that has started. Take that part again instead.",
  "cancelling": () => "The job is being cancelled.",
  "paused": ({ now, byOperator }) =>
    `${byOperator ? "An operator paused the job. " : ""}${
      now ? "The job is paused." : "The job pauses after what runs."
    }`,
  "resumed": () => "The job goes on.",
  "priority": ({ priority }) => `The priority is now ${priority}.`,
};
