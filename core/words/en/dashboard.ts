/** English: the studio, where films are asked for and come back. */

export const dashboard = {
  title: "Studio",
  hello: "What shall we film?",
  films: "Films",
  filter: "Which films",
  all: "All",
  more: "Older films",
  newest: "Newest films",
  empty: {
    title: "Your films will appear here.",
    text:
      "Begin with your own pictures, or look at three films made of the samples that come with the studio.",
    demo: "Make the demo films",
    none: "No films of this kind yet.",
    project: "No films in this project yet.",
    first: "Films that are ready stand above until you leave this page, then here.",
  },
  inProject: "New films go into the project",
  leaveProject: "Leave it",
  refused: "Almost there",
  /** After the name of a file that is not needed. */
  optional: " (optional)",
  /** A file of a form that was refused. */
  brought: (name: string) => `${name} is here. Choose another one to replace it.`,
};
