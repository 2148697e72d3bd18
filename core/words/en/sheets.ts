/** English: the sheets that open over the composer. */
export const sheets = {
  close: "Close",
  keys: {
    title: "Keyboard",
    list: (command: string): [string, string][] => [
      [`${command} ↵`, "Make the film"],
      ["?", "Show this sheet"],
      ["↑", "Earlier words, at the beginning of the field"],
      ["↓", "Back to later words, at its end"],
      [`${command} Z`, "Undo: words, files, settings"],
      [`${command} ⇧ Z`, "Redo"],
      [`${command} V`, "Attach a copied picture"],
      ["Esc", "Close what is open"],
      ["← →", "Another mode, when it is focused"],
    ],
  },
  trim: {
    title: "Trim and scale",
    lead: "Only this part of the clip is sent. It happens in your browser.",
    from: "Begins at",
    to: "Ends at",
    play: "Play this part",
    size: "Size",
    sizes: { keep: "As it is", p720: "720 lines", p480: "480 lines" },
    result: (seconds: number, of: number) => `${seconds.toFixed(1)} of ${of.toFixed(1)} s`,
    go: "Use this part",
    loading: "Fetching the cutter. This happens once.",
    working: (share: string) => `Cutting ${share}`,
    fetching: "Fetching the clip",
    failed: "This clip could not be cut here. It stays as it was; you can use it whole.",
    cancel: "Leave it as it is",
  },
};
