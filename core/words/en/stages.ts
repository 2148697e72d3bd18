/** English: what a job does or waits for at this moment, in a few words without a full stop. */

export const stages = {
  checking: "The files are being checked",
  waits: "Waits for a render server",
  partWaits: (title: string) => `${title}: waits for a render server`,
  sent: (title: string) => `${title}: sent to a render server`,
  /** Beside the step's title, as a stage of its own render. */
  fetching: "its files are being fetched",
  partFetches: (title: string) => `${title}: its files are being fetched`,
  partVerifies: (title: string) => `${title}: made before, its files are being checked`,
  partAgain: (title: string, because: string) => `${title}: tried again soon. ${because}`,
  maintenance: "The studio is in maintenance; it goes on by itself afterwards",
  choice: "The new take is there: choose whether what follows is made again",
  waitsForYou: (title: string) => `${title} is there and waits for you`,
  pauses: "Pauses after this part",
  paused: "Paused",
  goesOn: "Goes on",
  stops: "Stops",
  failing: "A part failed; the parts under way are finished and kept",
};
