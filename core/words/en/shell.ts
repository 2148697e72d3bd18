/** English: the frame of every page, and the pages for what went wrong. */

export const shell = {
  name: "Animatrix",
  skip: "Skip to the page",
  menu: "Main",
  nav: {
    studio: "Studio",
    queue: "Queue",
    library: "Library",
    projects: "Projects",
    admin: "Admin",
    settings: "Settings",
  },
  account: (email: string) => `Account of ${email}`,
  signIn: "Sign in",
  signOut: "Sign out",
  title: (page: string) => `${page} · Animatrix`,
  back: "Back to the studio",
  pool: {
    unknown: "The studio cannot read its state",
    none: "No render server yet",
    draft: "Draft renderer ready",
    draftStarting: "Draft renderer starting",
    /** The figure is set apart, so it comes by itself. */
    servers: (up: number, all: number) => [
      up === all ? `${all}` : `${up} of ${all}`,
      `${all === 1 ? "GPU" : "GPUs"}${up === all ? "" : " up"}`,
    ],
    rendering: (n: number) => `${n} rendering`,
    waiting: (n: number) => `${n} waiting`,
  },
  errors: {
    401: { title: "Please sign in", text: "Your session has ended. Sign in again; nothing was lost." },
    403: {
      title: "This is not allowed",
      text: "The request came from another site, or it is for operators only.",
    },
    404: {
      title: "There is nothing here",
      text: "The address does not exist, or what it named is not yours.",
    },
    405: {
      title: "This cannot be done here",
      text: "The page is there, but it does not take this kind of request.",
    },
    429: {
      title: "A little slower, please",
      text: "There were too many tries. Wait a minute and try again.",
    },
    500: {
      title: "Something in the studio went wrong",
      text: "Your work is kept. Try again, and tell the operator if it happens twice.",
    },
    503: {
      title: "The studio is starting",
      text: "It will be here in a moment. This page tries again by itself.",
    },
  } as Record<number, { title: string; text: string }>,
};
