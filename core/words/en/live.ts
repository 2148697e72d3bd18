/** English: pages that move by themselves: how the line stands, and that a film is ready. */

export const live = {
  rendering: "Rendering now",
  /** Holds the place of the cards while there are none. */
  nothing: "Nothing is rendering. What you start appears here.",
  queue: "The whole queue",
  lost: "The studio does not answer; trying again",
  signedOut: "Your session has ended. Nothing was lost.",
  signIn: "Sign in again",
  crowded: "Too many pages of the studio are open. This one moves again when you come back to it.",
  tell: "Tell me when it is done",
  sound: "With a soft sound",
  notice: "With a notification",
  noticeDenied: "Notifications are blocked in this browser's settings",
  ended: (name: string, isReady: boolean) => isReady ? `${name} is ready` : `${name} has failed`,
  readyText: "Your film is there to be watched.",
  watch: "Watch",
};
