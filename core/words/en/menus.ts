/** English: the composer's menus. */

export const menus = {
  capture: { picture: "Take a picture", clip: "Film a clip", sound: "Record a sound" },
  asks: { references: "Another view of the character", poseSheet: "Poses on one picture" } as Record<
    string,
    string
  >,
  noFiles: "This mode needs words alone.",
  again: "Try again",
  useAs: (role: string) => `Use as ${role.toLowerCase()}`,
  trim: "Trim and scale",
  replace: "Replace",
  remove: "Remove",
  draftOnly:
    "The draft renderer shows the whole way without a graphics card. For finished films, start ComfyUI, put its address into COMFY_URLS in the studio's .env file, and start the studio again.",
  noHistory: "What you film shows up here.",
};
