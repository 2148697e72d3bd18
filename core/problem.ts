/** What can go wrong, in one table: code, verdict, a sentence for the person and one for the operator. */

/** `later`: try again by itself. `never`: trying again changes nothing. `ask`: a person has to decide. */
export type Verdict = "later" | "never" | "ask";

export interface Entry {
  retry: Verdict;
  /** HTTP status when the problem answers a request. */
  status: number;
  /** Tells the person what to do. */
  person: string;
  /** Tells the operator what happened and where to look. */
  operator: string;
}

function entry(retry: Verdict, status: number, person: string, operator: string): Entry {
  return { retry, status, person, operator };
}

export const PROBLEMS = {
  // Requests.
  "request.invalid": entry(
    "never",
    422,
    "Some fields need another value. See the notes beside them.",
    "The body or query failed its schema.",
  ),
  "request.malformed": entry(
    "never",
    400,
    "The request could not be read. Send valid JSON.",
    "The body is not valid JSON.",
  ),
  "request.content_type": entry(
    "never",
    415,
    "Send this request as application/json.",
    "The content type is not accepted on this route.",
  ),
  "request.too_large": entry(
    "never",
    413,
    "This is larger than the studio accepts. Make it smaller and try again.",
    "The body is over the configured limit.",
  ),
  "request.length_required": entry(
    "never",
    411,
    "Send this with its length. A browser does so by itself; a program sets Content-Length.",
    "The body came in chunks (Transfer-Encoding) without a Content-Length.",
  ),
  "request.cross_site": entry(
    "never",
    403,
    "This request came from another site and was refused.",
    "Origin or Sec-Fetch-Site did not match PUBLIC_URL or FRONTEND_ORIGIN.",
  ),
  "request.idempotency_reused": entry(
    "never",
    422,
    "This request key was already used for something else. Use a new one.",
    "Same Idempotency-Key with another body.",
  ),
  "request.not_found": entry(
    "never",
    404,
    "This does not exist, or it is not yours.",
    "No such row for this owner.",
  ),
  "request.conflict": entry(
    "ask",
    409,
    "Someone changed this at the same time. Reload and try again.",
    "A unique key or revision was taken meanwhile.",
  ),
  "request.rate_limited": entry(
    "later",
    429,
    "Too many tries. Wait a little and try again.",
    "A rate limit was hit.",
  ),
  "request.range": entry(
    "never",
    416,
    "That part of the file does not exist.",
    "The Range header is outside the file.",
  ),
  // Accounts.
  "auth.required": entry("ask", 401, "Please sign in.", "No valid session."),
  "auth.wrong": entry("ask", 401, "E-mail or password is wrong.", "Unknown address or wrong password."),
  "auth.email_taken": entry(
    "ask",
    409,
    "There is already an account with this e-mail address.",
    "Duplicate address.",
  ),
  "auth.closed": entry(
    "ask",
    403,
    "Registration is closed. Ask the operator for an invitation.",
    "REGISTRATION=closed.",
  ),
  "auth.code_needed": entry(
    "ask",
    403,
    "Enter the one-time code that the studio printed when it started.",
    "First account on an exposed address needs the start code.",
  ),
  "auth.operator_only": entry(
    "never",
    403,
    "Only operators may do this.",
    "Role creator asked for an admin route.",
  ),
  // Assets.
  "asset.missing": entry(
    "ask",
    422,
    "This file is not here any more. Add it again.",
    "Asset row or content is missing.",
  ),
  "asset.wrong_kind": entry(
    "ask",
    422,
    "This file is of another kind than this place needs.",
    "Asset kind does not match the input.",
  ),
  "asset.empty": entry("ask", 422, "The file is empty. Choose another one.", "Zero bytes."),
  "asset.truncated": entry(
    "ask",
    422,
    "The file ended too early. Upload it again.",
    "Fewer bytes than announced, or the container is cut.",
  ),
  "asset.unreadable": entry(
    "ask",
    422,
    "The file could not be read. Convert it to PNG, JPEG, MP4, WAV or MP3 and try again.",
    "The media engine cannot decode it.",
  ),
  "asset.type_refused": entry(
    "ask",
    415,
    "This type of file is not accepted here.",
    "Signature is not an accepted type.",
  ),
  "asset.heic": entry(
    "ask",
    415,
    "HEIC pictures are not accepted. On an iPhone choose Settings, Camera, Formats, Most Compatible, or export the picture as JPEG.",
    "HEIC/HEIF upload.",
  ),
  "asset.too_large": entry("ask", 413, "The file is larger than the studio accepts.", "Over UPLOAD_MAX_MB."),
  "asset.in_use": entry(
    "ask",
    409,
    "A running job still uses this file. Cancel the job first, or wait until it is done.",
    "Delete refused while a live job uses the asset.",
  ),
  "asset.no_content": entry(
    "ask",
    409,
    "This file has not been uploaded yet.",
    "Metadata exists, content was never put.",
  ),
  // Jobs.
  "job.not_possible": entry(
    "never",
    409,
    "This cannot be done with the job as it is now.",
    "Message not accepted in this state.",
  ),
  "job.step_started": entry(
    "ask",
    409,
    "This part has already started. Take it again instead of editing it.",
    "Edit touches a started step.",
  ),
  "job.too_long": entry(
    "ask",
    422,
    "This would become longer than the studio allows.",
    "Plan over the step or length limit.",
  ),
  "job.queue_full": entry(
    "later",
    429,
    "You have as many waiting jobs as this studio allows. Wait for one to end.",
    "max_queued reached.",
  ),
  "job.result_incomplete": entry(
    "ask",
    500,
    "The film is not complete. Try again.",
    "Main output, poster or metadata is missing.",
  ),
  "job.input_changed": entry(
    "ask",
    422,
    "One of the files of this job changed or is gone. Add it again.",
    "Input check failed before queueing.",
  ),
  // Templates.
  "template.unknown": entry("never", 422, "This mode does not exist.", "No template for mode and submode."),
  "template.invalid": entry(
    "never",
    500,
    "This mode is not set up correctly. Tell the operator.",
    "A template folder failed validation.",
  ),
  "template.pending": entry(
    "never",
    409,
    "This mode is not finished yet.",
    "Template is a placeholder and may not run on a real backend.",
  ),
  "template.editor_format": entry(
    "never",
    422,
    "This is an editor file. In ComfyUI choose Export (API) and import that file.",
    "Graph has a nodes array.",
  ),
  "template.bind_failed": entry(
    "never",
    500,
    "This mode could not be prepared. Tell the operator.",
    "Binder found a missing node, input or value.",
  ),
  // ComfyUI.
  "comfy.unreachable": entry(
    "later",
    503,
    "The render server does not answer. The job waits and goes on by itself.",
    "Backend cannot be reached.",
  ),
  "comfy.rejected": entry(
    "never",
    502,
    "The render server refused this job.",
    "400 with node errors, or 200 with node errors.",
  ),
  "comfy.missing_node": entry(
    "never",
    409,
    "This mode needs an extension that is not installed on the render server.",
    "Missing node class.",
  ),
  "comfy.missing_model": entry(
    "never",
    409,
    "This mode needs a model that is not installed on the render server.",
    "Missing model file.",
  ),
  "comfy.out_of_memory": entry(
    "later",
    503,
    "The render server ran out of memory. Try a smaller size or the fast preset.",
    "OOM during execution; memory was freed.",
  ),
  "comfy.execution": entry(
    "never",
    502,
    "The render server failed while making this part.",
    "execution_error that is not OOM.",
  ),
  "comfy.interrupted": entry(
    "ask",
    409,
    "Someone stopped this part on the render server.",
    "execution_interrupted that we did not ask for.",
  ),
  "comfy.lost": entry(
    "later",
    502,
    "The render server forgot this part and it was run again.",
    "404 after acceptance; server restarted or evicted.",
  ),
  "comfy.output_missing": entry(
    "later",
    502,
    "The render server finished but its file is gone.",
    "History names a file that /view does not have.",
  ),
  "comfy.stuck": entry(
    "later",
    503,
    "The render server is stuck and must be restarted by the operator.",
    "Pending work, nothing running, no event.",
  ),
  "comfy.too_large": entry(
    "never",
    413,
    "An input is larger than the render server accepts.",
    "413 or max_upload_size.",
  ),
  "comfy.proxy": entry(
    "later",
    502,
    "Something between the studio and the render server failed.",
    "403, HTML body or 5xx from a proxy.",
  ),
  "comfy.protocol": entry(
    "later",
    502,
    "The render server answered in a way the studio does not understand.",
    "Reply failed its schema.",
  ),
  "comfy.timeout": entry(
    "later",
    504,
    "The render server took too long.",
    "No end within the time limit of this step.",
  ),
  // Media.
  "media.failed": entry(
    "never",
    500,
    "A picture or sound could not be processed.",
    "ffmpeg ended with an error.",
  ),
  "media.timeout": entry(
    "later",
    504,
    "Processing took too long and was stopped.",
    "ffmpeg passed its time limit.",
  ),
  "media.cancelled": entry("ask", 409, "Processing was stopped.", "Aborted by signal."),
  "media.lengths_differ": entry(
    "never",
    500,
    "Sound and picture do not end together.",
    "Final check of the film failed.",
  ),
  // Storage.
  "storage.full": entry(
    "later",
    507,
    "The disk of the studio is full. Free some space; the job goes on by itself.",
    "ENOSPC or under DISK_MIN_GB.",
  ),
  "storage.missing": entry(
    "ask",
    410,
    "A stored file is gone. The part that made it can be taken again.",
    "Content-addressed file is missing or damaged.",
  ),
  "storage.failed": entry("later", 500, "A file could not be stored.", "IO error in storage."),
  // Studio.
  "studio.bug": entry(
    "ask",
    500,
    "Something in the studio went wrong. The job is kept; try again, and tell the operator if it happens twice.",
    "A turn failed repeatedly; see dead letters.",
  ),
  "studio.busy": entry(
    "later",
    503,
    "The studio is busy. Try again in a moment.",
    "Database locked or shutting down.",
  ),
  "studio.config": entry(
    "never",
    500,
    "The studio is not configured correctly.",
    "Configuration is invalid; see the start-up message.",
  ),
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

/** Makes a problem from its code; the table supplies verdict and sentence unless they are given. */
export function problem(code: ProblemCode, options: ProblemOptions = {}): Problem {
  const known = PROBLEMS[code];
  return { code, retry: known.retry, message: known.person, ...options };
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
