/** English: tokens for programs that act in a person's name. */

export const tokens = {
  title: "API tokens",
  text:
    "A token lets a program of yours use this studio as you. Give each program its own, with no more than it needs.",
  how: "The program sends it with every request:",
  header: "Authorization: Bearer anx_…",
  document: "What can be asked for",
  none: "You have no tokens yet.",
  make: {
    title: "Make a token",
    name: "What it is for",
    nameHint: "For you alone, to know it again.",
    scope: "What it may do",
    scopes: {
      read: "Read: see your films and files",
      create: "Create: also make and change them",
      admin: "Admin: also operate the studio",
    },
    days: "Good for",
    dayCounts: { "7": "7 days", "30": "30 days", "90": "90 days", "365": "a year" } as Record<string, string>,
    go: "Make the token",
    made: (day: string) => `Copy this token now; it is not shown again. It is good until ${day}.`,
    label: "The token",
  },
  scopes: { read: "read", create: "create", admin: "admin" },
  ends: (hint: string) => `ends in ${hint}`,
  until: (day: string) => `good until ${day}`,
  ranOut: (day: string) => `ran out on ${day}`,
  used: (when: string) => `last used ${when}`,
  neverUsed: "never used",
  revoke: "Take back",
  remove: "Remove",
  of: (action: string, name: string) => `${action}: ${name}`,
  revoked: "The token is worth nothing any more.",
};
