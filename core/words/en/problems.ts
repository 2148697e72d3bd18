/** English: what went wrong, for the person it happened to: what to do, or that nothing needs to be done. */
import type { ProblemCode } from "../../problem.ts";

/** Cases that a code alone does not tell. */
export const closer = {
  lostTwice: "The render server lost this part twice. Ask the operator to look at the server, then retry.",
};

export const problems: Record<ProblemCode, string> = {
  // Requests.
  "request.invalid": "Some fields need another value. See the notes beside them.",
  "request.malformed": "The request could not be read. Send valid JSON.",
  "request.content_type": "Send this request as application/json.",
  "request.too_large": "This is larger than the studio accepts. Make it smaller and try again.",
  "request.length_required":
    "Send this with its length. A browser does so by itself; a program sets Content-Length.",
  "request.cross_site": "This request came from another site and was refused.",
  "request.host":
    "This studio does not answer under that name. Whoever runs it sets PUBLIC_URL to the address that people use; until then, open it by its address in figures.",
  "request.idempotency_reused": "This request key was already used for something else. Use a new one.",
  "request.not_found": "This does not exist, or it is not yours.",
  "request.method": "This address does not take that kind of request.",
  "request.conflict": "Someone changed this at the same time. Reload and try again.",
  "request.rate_limited": "Too many tries. Wait a little and try again.",
  "request.range": "That part of the file does not exist.",
  // Accounts.
  "auth.required": "Please sign in.",
  "auth.wrong": "E-mail or password is wrong.",
  "auth.email_taken": "There is already an account with this e-mail address.",
  "auth.closed": "Registration is closed. Ask the operator for an invitation.",
  "auth.code_needed": "Enter the one-time code that the studio printed when it started.",
  "auth.disabled":
    "An operator has closed this account. Ask them to open it again; nothing in it was deleted.",
  "auth.invitation_gone": "This invitation was used, has run out, or was taken back. Ask for a new one.",
  "account.last_operator": "A studio needs an operator. Make somebody else one first.",
  "auth.link_gone": "This link was used or has run out. Ask an operator for a new one.",
  "auth.token": "This API token is unknown, was taken back, or has run out. Make a new one in the settings.",
  "auth.scope":
    "This API token may not do that. Make one with a larger scope, or sign in: what lets people in is never open to tokens.",
  "auth.tokens_full": "You have as many API tokens as one may have. Take back those that nothing uses.",
  "auth.operator_only": "Only operators may do this.",
  // Servers.
  "server.silent": "The server was not saved, because it could not be reached. See the note at its address.",
  "server.works": "The server still carries work. Drain it, and try again when it is empty.",
  "server.fixed": "This server comes from the studio's configuration. Change it there.",
  "setting.fixed": "This is read at the start. Change it in the environment and start the studio again.",
  // Webhooks.
  "webhook.too_many": "You have as many webhooks as one may have. Remove one first.",
  "webhook.off": "This webhook is switched off. Switch it on first.",
  "webhook.held": "An operator switched this webhook off. Ask them to switch it on again.",
  // Assets.
  "asset.missing": "This file is not here any more. Add it again.",
  "asset.wrong_kind": "This file is of another kind than this place needs.",
  "asset.empty": "The file is empty. Choose another one.",
  "asset.truncated": "The file ended too early. Upload it again.",
  "asset.unreadable": "The file could not be read. Convert it to PNG, JPEG, MP4, WAV or MP3 and try again.",
  "asset.type_refused": "This type of file is not accepted here.",
  "asset.heic":
    "HEIC pictures are not accepted. On an iPhone choose Settings, Camera, Formats, Most Compatible, or export the picture as JPEG.",
  "asset.too_large": "The file is larger than the studio accepts.",
  "asset.in_use": "A running job still uses this file. Cancel the job first, or wait until it is done.",
  "asset.no_content": "This file has not been uploaded yet.",
  // Jobs.
  "job.not_possible": "This cannot be done with the job as it is now.",
  "job.step_started": "This part has already started. Take it again instead of editing it.",
  "job.too_long": "This would become longer than the studio allows. Make it shorter.",
  "quota.minutes": "You have used up your rendering of 24 hours. Wait until some of it is over a day old.",
  "quota.disk": "Your files take as much room as they may. Delete for good what you do not need.",
  "job.queue_full": "You have as many waiting jobs as this studio allows. Wait for one to end.",
  "job.result_incomplete": "The film is not complete. Try again.",
  "job.input_changed": "One of the files of this job changed or is gone. Add it again.",
  "job.stopping": "This film is still being stopped. Delete it when it has ended.",
  "job.no_result": "There is no film yet. Share it when it is finished.",
  // Templates.
  "template.unknown": "This mode does not exist.",
  "template.invalid": "This mode is not set up correctly. Tell the operator.",
  "template.pending": "This mode is not finished yet.",
  "template.editor_format": "This is an editor file. In ComfyUI choose Export (API) and import that file.",
  "template.bind_failed": "This mode could not be prepared. Tell the operator.",
  // ComfyUI.
  "comfy.unreachable": "The render server does not answer. The job waits and goes on by itself.",
  "comfy.rejected": "The render server refused this job. Try other settings, or tell the operator.",
  "comfy.missing_node":
    "This mode needs an extension that is not installed on the render server. Choose another mode, or ask the operator for it.",
  "comfy.missing_model":
    "This mode needs a model that is not installed on the render server. Choose another mode, or ask the operator for it.",
  "comfy.no_memory":
    "This needs more graphics memory than the render server has. Take a smaller size or a faster preset.",
  "comfy.out_of_memory": "The render server ran out of memory. Try a smaller size or the fast preset.",
  "comfy.execution": "The render server failed while making this part. Try again, or take other settings.",
  "comfy.interrupted": "Someone stopped this part on the render server. Try it again.",
  "comfy.lost": "The render server forgot this part and it was run again.",
  "comfy.output_missing": "The render server finished but its file is gone. Try it again.",
  "comfy.stuck": "The render server is stuck and must be restarted by the operator.",
  "comfy.too_large": "An input is larger than the render server accepts. Choose a smaller file.",
  "comfy.proxy": "Something between the studio and the render server failed. Try again in a while.",
  "comfy.protocol": "The render server answered in a way the studio does not understand. Tell the operator.",
  "comfy.timeout": "The render server took too long. Take a smaller size, fewer seconds or a faster preset.",
  // Media.
  "media.failed": "A picture or sound could not be processed.",
  "media.timeout": "Processing took too long and was stopped.",
  "media.cancelled": "Processing was stopped.",
  "media.lengths_differ": "Sound and picture do not end together.",
  // Storage.
  "storage.full": "The disk of the studio is full. Free some space; the job goes on by itself.",
  "storage.missing": "A stored file is gone. The part that made it can be taken again.",
  "storage.lost":
    "The studio's storage lost this part three times after it was made. The other parts are kept. Ask the operator to look at the storage, then retry.",
  "storage.failed": "A file could not be stored.",
  "upload.failed": "The film could not be uploaded. It is still here; try the upload again.",
  "pod.failed": "The rented machine could not be stopped. Stop it by hand, or it goes on costing.",
  // Studio.
  "studio.bug":
    "Something in the studio went wrong. The job is kept; try again, and tell the operator if it happens twice.",
  "studio.busy": "The studio is busy. Try again in a moment.",
  "studio.config": "The studio is not configured correctly.",
  "library.nothing": "Nothing of what you selected has a file to download.",
  "share.expired": "This link has run out. Ask the person who sent it for a new one.",
  "share.revoked": "This link was taken back by the person who made it.",
};
