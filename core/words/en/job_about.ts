/** English: a job's page where it stands still: what the film was made from, its settings, and that it is gone. */

export const about = {
  madeFrom: "Made from",
  roles: {
    groundTruth: "Character",
    motionVideo: "Driving clip",
    audio: "Recording",
    references: "Reference",
    poseSheet: "Pose sheet, loose guidance",
  } as Record<string, string>,
  file: "File",
  fileGone: "This file is not here any more",
  unused: "Not used by this model",
  settings: "Settings",
  copy: "Copy the settings",
  copied: "Copied",
  facts: {
    size: "Size",
    length: "Length",
    preset: "Preset",
    seed: "Seed",
    negative: "Not wanted",
    model: "Model",
    modelIs: (title: string, version: string, newer: string | null) =>
      `${title}, version ${version}${newer === null ? "" : ` (${newer} is there by now)`}`,
    on: "On",
    off: "Off",
    asked: "Asked for",
    sizeIs: (width: number, height: number, rate: string) => `${width} × ${height}, ${rate} fps`,
    sides: (width: number, height: number) => `${width} × ${height}`,
    lengthIs: (frames: number, seconds: string) => `${frames} frames, ${seconds} s`,
    loop: "Loop",
    loopIs: (value: string) => `From the end to the beginning ${value} × the usual step between frames`,
    loopStill: "Nothing moves",
    usual: "As the model has it",
  },
  gone: {
    title: "This film is not here",
    text: "It may have been deleted for good, or it belongs to another account.",
    studio: "Back to the studio",
    library: "Look in the library",
  },
};
