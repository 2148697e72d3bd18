/** English: the pages for what went wrong. Each says what happened, what was kept, and where to go. */

export interface ErrorWords {
  title: string;
  text: string;
}

const byStatus: Record<number, ErrorWords> = {
  400: {
    title: "This could not be read",
    text: "Something was missing from what your browser sent. Go back and try again.",
  },
  401: {
    title: "Please sign in",
    text: "Your session has ended. Sign in again and go on where you were; nothing was lost.",
  },
  403: {
    title: "This is not for you",
    text: "The page is for operators of this studio, or the request came from another site.",
  },
  404: {
    title: "There is nothing here",
    text: "The address does not exist, or what it named is not yours.",
  },
  405: {
    title: "This cannot be done here",
    text: "The page is there, but it does not take this kind of request. Open it anew.",
  },
  410: {
    title: "This is not here any more",
    text: "What the address named was removed.",
  },
  413: {
    title: "This is too large",
    text: "The studio does not take this much at once. Nothing was changed.",
  },
  421: {
    title: "This is not the studio's name",
    text:
      "The studio does not answer under the name in the address bar, so that no other site can pass for it. Whoever runs it sets PUBLIC_URL to the address that people use; until then, open it by its address in figures.",
  },
  429: {
    title: "A little slower, please",
    text: "There were too many tries. Wait a minute and try again; nothing was lost.",
  },
  500: {
    title: "Something in the studio went wrong",
    text:
      "Your films are kept, and work that was under way goes on. Try again, and tell the operator if it happens twice.",
  },
  503: {
    title: "The studio is starting",
    text:
      "It will be here in a moment. This page tries again by itself, and work that was under way goes on.",
  },
};

/** What is missing, by the place where it was looked for. */
const missing: Record<string, ErrorWords> = {
  jobs: {
    title: "This film is not here any more",
    text:
      "It was removed, or it belongs to somebody else. Films that you deleted lie in the trash for 30 days.",
  },
  projects: {
    title: "This project is not here any more",
    text: "It was removed, or it belongs to somebody else. Its films are in your library.",
  },
  share: {
    title: "This link has ended",
    text: "Its time is over, or it was taken back. Ask whoever sent it for a new one.",
  },
};

/** Where the studio refused something and its own sentence says why. */
const refused: ErrorWords = {
  title: "This did not work",
  text: "The studio could not do what was asked. Nothing was changed.",
};

/** Forms that came too fast. */
const pace = {
  page: (wait: string): ErrorWords => ({
    title: "A little slower, please",
    text: `Too many forms came from you at once. Wait ${wait}, then go on; nothing was lost.`,
  }),
  again: "What you typed is kept here. Files must be chosen anew.",
  send: "Send it again",
  secret: (name: string) => ({ current: "Present password", next: "New password" })[name] ?? "Password",
};

export const errors = {
  pace,
  byStatus,
  refused,
  missing,
  studio: "Back to the studio",
  library: "Open your library",
  projects: "Open your projects",
  again: "Try again",
  signIn: "Sign in",
  front: "To the front page",
};
