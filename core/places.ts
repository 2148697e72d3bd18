/** The places that files of a request can have. */

/** Which kind of file each place takes. */
export const PLACES = {
  groundTruth: "image",
  motionVideo: "video",
  audio: "audio",
  references: "image",
  poseSheet: "image",
  image: "image",
  lastImage: "image",
  video: "video",
} as const;
export type Place = keyof typeof PLACES;
