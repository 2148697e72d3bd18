/** What can go wrong, in one table: code, verdict, status, and a sentence for the operator. Persons read `core/words/problems.ts`. */
import { problems } from "./words/problems.ts";

/** `later`: try again by itself. `never`: trying again changes nothing. `ask`: a person has to decide. */
export type Verdict = "later" | "never" | "ask";

export interface Entry {
  retry: Verdict;
  /** HTTP status when the problem answers a request. */
  status: number;
  /** Tells the operator what happened and where to look. */
  operator: string;
}

function entry(retry: Verdict, status: number, operator: string): Entry {
  return { retry, status, operator };
}

export const PROBLEMS = {
  // Requests.
  "request.invalid": entry("never", 422, "The body or query failed its schema."),
  "request.malformed": entry("never", 400, "The body is not valid JSON."),
  "request.content_type": entry("never", 415, "The content type is not accepted on this route."),
  "request.too_large": entry("never", 413, "The body is over the configured limit."),
  "request.length_required": entry(
    "never",
    411,
    "The body came in chunks (Transfer-Encoding) without a Content-Length.",
  ),
  "request.cross_site": entry(
    "never",
    403,
    "Origin or Sec-Fetch-Site did not match PUBLIC_URL or FRONTEND_ORIGIN.",
  ),
  "request.host": entry(
    "never",
    421,
    "The name in Host is neither that of PUBLIC_URL nor one that only this machine can have.",
  ),
  "request.idempotency_reused": entry("never", 422, "Same Idempotency-Key with another body."),
  "request.not_found": entry("never", 404, "No such row for this owner."),
  "request.method": entry("never", 405, "A known path was asked with a method that no route has."),
  "request.conflict": entry("ask", 409, "A unique key or revision was taken meanwhile."),
  "request.rate_limited": entry("later", 429, "A rate limit was hit."),
  "request.range": entry("never", 416, "The Range header is outside the file."),
  // Accounts.
  "auth.required": entry("ask", 401, "No valid session."),
  "auth.wrong": entry("ask", 401, "Unknown address or wrong password."),
  "auth.email_taken": entry("ask", 409, "Duplicate address."),
  "auth.closed": entry("ask", 403, "REGISTRATION=closed."),
  "auth.code_needed": entry("ask", 403, "First account on an exposed address needs the start code."),
  "auth.disabled": entry("ask", 403, "The account has disabled_at."),
  "auth.invitation_gone": entry("ask", 403, "No open invitation with this token."),
  "auth.link_gone": entry(
    "ask",
    403,
    "The link for a new password is past its end, or its seal does not fit.",
  ),
  "auth.token": entry("ask", 401, "No API token like this, it has ended, or its account is disabled."),
  "auth.scope": entry("never", 403, "The API token's scope is too small, or the route wants a session."),
  "auth.tokens_full": entry("ask", 409, "The person has TOKENS_MAX API tokens."),
  "auth.operator_only": entry("never", 403, "Role creator asked for an admin route."),
  "account.last_operator": entry("ask", 409, "The change would leave no operator who can sign in."),
  // Servers.
  "server.silent": entry("ask", 422, "The address was tried and no ComfyUI answered; nothing was saved."),
  "server.works": entry("ask", 409, "Steps or slots still name the server."),
  "server.fixed": entry("never", 409, "COMFY_URLS names the server, or it is the draft renderer."),
  "setting.fixed": entry("never", 409, "The variable is read at the start only."),
  // Webhooks.
  "webhook.too_many": entry("ask", 409, "The person has WEBHOOKS_MAX webhooks."),
  "webhook.off": entry("ask", 409, "The webhook is switched off."),
  "webhook.held": entry("ask", 409, "An operator switched the webhook off."),
  // Assets.
  "asset.missing": entry("ask", 422, "Asset row or content is missing."),
  "asset.wrong_kind": entry("ask", 422, "Asset kind does not match the input."),
  "asset.empty": entry("ask", 422, "Zero bytes."),
  "asset.truncated": entry("ask", 422, "Fewer bytes than announced, or the container is cut."),
  "asset.unreadable": entry("ask", 422, "The media engine cannot decode it."),
  "asset.type_refused": entry("ask", 415, "Signature is not an accepted type."),
  "asset.heic": entry("ask", 415, "HEIC/HEIF upload."),
  "asset.too_large": entry("ask", 413, "Over UPLOAD_MAX_MB."),
  "asset.in_use": entry("ask", 409, "Delete refused while a live job uses the asset."),
  "asset.no_content": entry("ask", 409, "Metadata exists, content was never put."),
  // Jobs.
  "job.not_possible": entry("never", 409, "Message not accepted in this state."),
  "job.step_started": entry("ask", 409, "Edit touches a started step."),
  "job.too_long": entry("ask", 422, "Plan over the step or length limit."),
  "job.queue_full": entry("later", 429, "max_queued reached."),
  "quota.minutes": entry("later", 429, "The person used up their GPU minutes of 24 hours."),
  "quota.disk": entry("ask", 413, "The files of the person take as much as they may."),
  "job.result_incomplete": entry("ask", 500, "Main output, poster or metadata is missing."),
  "job.input_changed": entry("ask", 422, "Input check failed before queueing."),
  "job.stopping": entry(
    "later",
    409,
    "Purge refused: the job has not ended, or a slot is not confirmed empty.",
  ),
  "job.no_result": entry("ask", 409, "A link was asked for a job without an output."),
  "library.nothing": entry("ask", 422, "No item of the selection is the person's own and has content."),
  "share.expired": entry("never", 410, "The link is past its end."),
  "share.revoked": entry(
    "never",
    410,
    "Revoked by its owner, or the film is in the trash, or the account is disabled.",
  ),
  // Templates.
  "template.unknown": entry("never", 422, "No template for mode and submode."),
  "template.invalid": entry("never", 500, "A template folder failed validation."),
  "template.pending": entry("never", 409, "Template is a placeholder and may not run on a real backend."),
  "template.editor_format": entry("never", 422, "Graph has a nodes array."),
  "template.bind_failed": entry("never", 500, "Binder found a missing node, input or value."),
  // ComfyUI.
  "comfy.unreachable": entry("later", 503, "Backend cannot be reached."),
  "comfy.rejected": entry("never", 502, "400 with node errors, or 200 with node errors."),
  "comfy.missing_node": entry("never", 409, "Missing node class."),
  "comfy.missing_model": entry("never", 409, "Missing model file."),
  "comfy.no_memory": entry(
    "ask",
    409,
    "No render server has the VRAM that the template and preset want.",
  ),
  "comfy.out_of_memory": entry("later", 503, "OOM during execution; memory was freed."),
  "comfy.execution": entry("never", 502, "execution_error that is not OOM."),
  "comfy.interrupted": entry("ask", 409, "execution_interrupted that we did not ask for."),
  "comfy.lost": entry("later", 502, "404 after acceptance; server restarted or evicted."),
  "comfy.output_missing": entry("later", 502, "History names a file that /view does not have."),
  "comfy.stuck": entry("later", 503, "Pending work, nothing running, no event."),
  "comfy.too_large": entry("never", 413, "413 or max_upload_size."),
  "comfy.proxy": entry("later", 502, "403, HTML body or 5xx from a proxy."),
  "comfy.protocol": entry("later", 502, "Reply failed its schema."),
  "comfy.timeout": entry("later", 504, "No end within the time limit of this step."),
  // Media.
  "media.failed": entry("never", 500, "ffmpeg ended with an error."),
  "media.timeout": entry("later", 504, "ffmpeg passed its time limit."),
  "media.cancelled": entry("ask", 409, "Aborted by signal."),
  "media.lengths_differ": entry("never", 500, "Final check of the film failed."),
  // Storage.
  "storage.full": entry("later", 507, "ENOSPC or under DISK_MIN_GB."),
  "storage.missing": entry("ask", 410, "Content-addressed file is missing or damaged."),
  "storage.lost": entry("ask", 500, "Storage lost the files of one step FILES_LOST_MAX times in one run."),
  "storage.failed": entry("later", 500, "IO error in storage."),
  "upload.failed": entry("later", 502, "The object store refused, did not answer, or has another content."),
  "pod.failed": entry("later", 502, "RunPod refused or did not answer."),
  // Studio.
  "studio.bug": entry("ask", 500, "A turn failed repeatedly; see dead letters."),
  "studio.busy": entry("later", 503, "Database locked or shutting down."),
  "studio.config": entry("never", 500, "Configuration is invalid; see the start-up message."),
} as const satisfies Record<string, Entry>;

export type ProblemCode = keyof typeof PROBLEMS;

/** A field of a request that needs another value; `path` uses dots, as in `inputs.character`. */
export interface FieldNote {
  path: string;
  message: string;
}

/** What went wrong, as data: safe to store and to show. */
export interface Problem {
  code: ProblemCode;
  retry: Verdict;
  retryAfterMs?: number;
  /** One sentence for the person: what happened and what to do. */
  message: string;
  /** Facts that are safe to show: no paths outside the library, no keys, no node ids. */
  detail?: Record<string, string | number>;
  fields?: FieldNote[];
  /** For operators only: raw text of the far side, class names, node ids. Never sent to creators. */
  operator?: string;
}

export interface ProblemOptions {
  message?: string;
  detail?: Record<string, string | number>;
  fields?: FieldNote[];
  operator?: string;
  retry?: Verdict;
  retryAfterMs?: number;
}

/** Makes a problem from its code; table and catalogue supply verdict and sentence unless they are given. */
export function problem(code: ProblemCode, options: ProblemOptions = {}): Problem {
  return { code, retry: PROBLEMS[code].retry, message: problems[code], ...options };
}

/** The one exception class of the studio: adapters throw it, the effect pool and the error page catch it. */
export class StudioError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(`${problem.code}: ${problem.operator ?? problem.message}`, options);
    this.name = "StudioError";
    this.problem = problem;
  }
}

/** Shorthand for `throw fail("asset.empty")`. */
export function fail(code: ProblemCode, options?: ProblemOptions, cause?: unknown): StudioError {
  return new StudioError(problem(code, options), cause === undefined ? undefined : { cause });
}

/** The problem inside any thrown value; what is not a StudioError is a bug of ours. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof StudioError) return thrown.problem;
  const operator = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return problem("studio.bug", { operator });
}
