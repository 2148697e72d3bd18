/** English: the frame of every page, and the pages for what went wrong. */

export const shell = {
  name: "Animatrix",
  skip: "Skip to the page",
  menu: "Main",
  nav: {
    studio: "Studio",
    takes: "Takes",
    queue: "Queue",
    library: "Library",
    projects: "Projects",
    shelf: "Shelf",
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
};
