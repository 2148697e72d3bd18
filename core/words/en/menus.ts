/** English: the composer's menus. */

export const menus = {
  capture: { picture: "Take a picture", clip: "Film a clip", sound: "Record a sound" },
  again: "Try again",
  useAs: (role: string) => `Use as ${role.toLowerCase()}`,
  trim: "Trim and scale",
  replace: "Replace",
  remove: "Remove",
  noHistory: "What you film shows up here.",
};
