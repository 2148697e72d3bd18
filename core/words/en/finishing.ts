/** English: work on a finished film: what is done, by which means, and why it cannot be. */

const figure = (value: number) => String(Number(value.toFixed(2)));

export const finishing = {
  steps: {
    trim: "Cutting the film",
    interpolate: "More frames per second",
    upscale: "Enlarging the picture",
    loudness: "Setting the loudness",
  },
  interpolated: "The frames between are calculated from the motion by ffmpeg, not made by a model.",
  enlarged: "The picture is enlarged by ffmpeg with the Lanczos filter, not by a model.",
  /** Where a render server has a model for it. */
  byModel: {
    interpolate: (name: string) => `The frames between are made by the model ${name}.`,
    upscale: (name: string) => `The picture is enlarged by the model ${name}.`,
  },
  making: { interpolate: "Making the frames between", upscale: "Making the picture larger" },
  tooLarge: (width: number, height: number, max: number) =>
    `That would be ${width} × ${height}; the largest side here is ${max} pixels.`,
  startsLate: (seconds: number) => `The film ends at ${figure(seconds)} s, before this begins.`,
  tooShort: "Not a single frame would be left.",
  endsEarly: (seconds: number) => `The film ends at ${figure(seconds)} s, and so does what is kept.`,
  still: "A picture is not cut, enlarged or made louder: what you asked for of these is not done.",
  /** What may be asked for, in the composer. */
  title: "When the film is done",
  off: "As it is",
  beginning: "the beginning",
  end: "the end",
  times: (factor: number) => `${factor} ×`,
  fields: {
    template: { title: "Model" },
    stop: {
      title: "Show me the first pass",
      effect: "It waits for you before the second one, and keeps no server busy.",
    },
    trimStart: { title: "Keep from, in seconds" },
    trimEnd: { title: "Keep up to, in seconds" },
    interpolate: { title: "Frames per second" },
    upscale: { title: "Size of the picture" },
    loudness: { title: "Sound at −14 LUFS", effect: "As loud as the large video sites play it." },
  } satisfies Record<string, { title: string; effect?: string }>,
  /** What was done to a film, each as a line of its page. */
  done: {
    trim: (start: number, length: number) => `${figure(length)} s from ${figure(start)} s on`,
    interpolate: (factor: number, method: string) => `${factor} × the frames, by ${method}`,
    upscale: (factor: number, method: string) => `${factor} × the size, by ${method}`,
    loudness: (before: number, after: number) => `${after.toFixed(1)} LUFS, before ${before.toFixed(1)}`,
    silent: "Silent, so nothing was changed",
  },
  names: { trim: "Cut", interpolate: "Frames", upscale: "Enlarged", loudness: "Loudness" },
};
