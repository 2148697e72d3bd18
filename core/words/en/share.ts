/** English: links that show one result. */
import { clock } from "./format.ts";

export const share = {
  /** Where the result is a picture and no film. */
  ofPicture: {
    title: "Share this picture",
    back: "Back to the picture",
    lead:
      "Whoever has the link can see this picture, without an account. They see its title, and nothing else of yours.",
  },
  title: "Share this film",
  back: "Back to the film",
  lead:
    "Whoever has the link can watch this film, without an account. They see its title and length, and nothing else of yours.",
  howLong: "How long should the link work?",
  days: { 1: "1 day", 7: "7 days", 30: "30 days" } as Record<number, string>,
  make: "Make a link",
  made: "Here is the link. Copy it now: it is shown this once.",
  takenBack: "The link is taken back. It shows nothing any more.",
  links: "Links",
  none: "There is no link to this film yet.",
  states: { open: "Open", expired: "Ran out", revoked: "Taken back" } as Record<string, string>,
  until: (day: string) => `until ${day}`,
  madeAt: (when: string) => `made ${when}`,
  takeBack: "Take back",
  draft: "Draft",
  draftNote: "This is a draft: a quick look at the film, not the finished picture.",
  watch: (title: string) => `Film: ${title}`,
  length: (seconds: number) => clock(seconds),
  pixels: (width: number, height: number) => `${width} × ${height}`,
  openUntil: (day: string) => `This link works until ${day}.`,
  ended: {
    "share.expired": { title: "This link has run out", text: "Ask the person who sent it for a new one." },
    "share.revoked": {
      title: "This link was taken back",
      text: "The person who made it does not show this film any more.",
    },
  } as Record<string, { title: string; text: string }>,
};
