/** English: the front page. */

export const front = {
  title: "Animatrix: your own film studio",
  description: "A film studio of your own: a picture and a clip or a voice go in, and a film comes out.",
  hello: ["A picture and a clip go in.", "A film comes out."],
  lead:
    "Animatrix is a film studio on your own machine. Your character follows a movement or speaks a voice, " +
    "part by part: nothing is lost on the way, and every part can be taken again.",
  setUp: "Set up the studio",
  register: "Make an account",
  signIn: "Sign in",
  open: "Open the studio",
  /** The drawing, for those who do not see it. */
  picture: "A character with an amber scarf and a clip of somebody walking become a film: " +
    "the character walks through hills at dusk, in five parts.",
  parts: { character: "Your character", clip: "A movement", film: "0:12", made: "made in 5 parts" },
  waysTitle: "Three ways in",
  ways: {
    animate: {
      title: "Animate",
      text: "A character and a clip. The character does what the clip does, or takes its place in it.",
    },
    audio: {
      title: "Audio",
      text: "A character and a recording. The picture speaks or sings for as long as the sound lasts.",
    },
    draft: {
      title: "Draft",
      text: "See the whole film in seconds before it costs an hour. Needs no graphics card.",
    },
  },
  api: "For programs",
  health: "State of every part",
};
