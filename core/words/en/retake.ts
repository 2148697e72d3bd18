/** English: taking a part again. */

export const retake = {
  title: (n: number) => `Take part ${n} again`,
  hint: "The old take stays. Change what was wrong, or leave all as it is for another try.",
  prompt: "Prompt",
  negative: "What should not be there",
  seed: "Seed",
  newSeed: "A new seed",
  preset: "Preset",
  follow: "What comes after it",
  follows: {
    ask: "Ask me when the take is there",
    rerun: "Make it again from the new take",
    keep: "Keep it as it is",
  },
};
