/** English: the front page. */

export const front = {
  title: "Animatrix: your own film studio",
  description: "A self-hosted film studio: a character, a movement or a voice, and a film comes back.",
  hello: "What shall we film?",
  lead:
    "Animatrix turns a picture of a character and a movement or a voice into a film, on your own machine. " +
    "Every job goes on after a restart, and every part of a film can be taken again.",
  ways: [
    { title: "Animate", text: "A character and a driving clip. Move it, or mix it into the clip." },
    { title: "Audio", text: "A character and a voice. The picture speaks as long as the sound lasts." },
    { title: "Draft", text: "No graphics card needed: the draft renderer shows the whole way in seconds." },
  ],
  api: "Read the API",
  health: "State of every part",
};
