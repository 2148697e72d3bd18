/** English: what belongs to a film: its takes, its draft, and the final film that a draft is made into. */

export const kin = {
  inBatch: "All takes",
  promote: "Make it for good",
  finalOf: (name: string) => `Final of “${name}”`,
  draftOf: (stands: string) => `Draft of a final film · ${stands}`,
  kin: "Belongs to",
  asFinal: (name: string) => `Final · ${name}`,
  asDraft: (name: string) => `Draft · ${name}`,
  besides: "Compare draft and final",
  noServer: "No render server is set up. Without one there are only drafts.",
  notDraft: "This is no draft: it was made by a render server already.",
  notReady: "The draft is not ready yet. Wait until it is complete, then make it for good.",
  changed: "The model has changed since this draft was made. Use its settings for a new film instead.",
};
