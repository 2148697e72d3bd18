/** English: the modes by name, as cards, crumbs and filters say them. */

export const modes = {
  families: {
    animate: "Animate",
    audio: "Audio",
    ltx: "LTX",
    wan: "Wan",
    take: "Long take",
    anime: "Pictures & loops",
    custom: "Own graphs",
  } as Record<string, string>,
  /** By the mode's one word: its name beside its family's. */
  names: {
    "ltx/t2v": "Text to video",
    "ltx/i2v": "Picture to video",
    "ltx/a2v": "Sound to video",
    "ltx/lipsync": "Lip sync",
    "ltx/keyframe": "Keyframes",
    "ltx/style": "Restyle",
    "wan/t2v": "Text to video",
    "wan/i2v": "Picture to video",
    "wan/vace": "Character to video",
    take: "Long take",
    "anime/still": "Picture",
    "anime/still_reference": "Character picture",
    "anime/loop": "Loop",
  } as Record<string, string>,
  /** Where the name alone would be that of another family too. */
  both: (family: string, name: string) => `${family} · ${name}`,
};
