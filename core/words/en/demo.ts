/** English: the films that an empty studio can make of its samples. */

export const demo = {
  move: {
    title: "Demo: the hill dancer",
    prompt: "The character dances on a green hill in soft evening light, flat illustration, calm camera",
  },
  mix: {
    title: "Demo: into the phone clip",
    prompt: "The character takes the place of the person in the clip, the same light, flat illustration",
  },
  performance: {
    title: "Demo: four sentences",
    prompt: "The character speaks to the camera, friendly, flat illustration, hills behind",
  },
};
