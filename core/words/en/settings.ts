/** English: a person's own settings. */

export const settings = {
  title: "Settings",
  menu: "Settings",
  parts: {
    account: "Account",
    sessions: "Signed in",
    defaults: "New films",
    connections: "Connections",
    tokens: "API tokens",
    webhooks: "Webhooks",
    data: "Your data",
  },
  signOut: "Sign out",
  account: {
    title: "Account",
    email: "E-mail address",
    role: "Role",
    roles: { creator: "Creator", operator: "Operator" },
    since: "Here since",
    password: {
      title: "Change your password",
      current: "Present password",
      next: "New password",
      go: "Change the password",
      hint: "At least 10 characters. Everywhere else you will be signed out.",
      done: "Your password is changed. Every other session has ended.",
    },
  },
  sessions: {
    title: "Where you are signed in",
    text: "End what you do not know, and change your password then.",
    current: "this one",
    seen: (when: string) => `last seen ${when}`,
    from: (address: string) => `from ${address}`,
    until: (day: string) => `ends on ${day}`,
    end: "End",
    endThis: (what: string) => `End the session: ${what}`,
    endOthers: "End all others",
    ended: "The session has ended.",
    othersEnded: "All other sessions have ended.",
    browser: (browser: string, system: string) =>
      browser && system ? `${browser} on ${system}` : browser || system || "A program",
  },
  defaults: {
    title: "What a new film starts from",
    text: "The composer begins with these. Every film can be made differently.",
    engine: "Rendered by",
    engines: { auto: "The best there is", draft: "The draft renderer" },
    engineHint:
      "A draft is ready in seconds and costs no time on a graphics card. It is never a finished film.",
    preset: "Speed or quality",
    presets: { "": "As the mode says", fast: "Fast", balanced: "Balanced", quality: "Quality" } as Record<
      string,
      string
    >,
    size: "Size",
    sizes: {
      "": "As the mode says",
      "832x480": "832 × 480, wide",
      "480x832": "480 × 832, tall",
      "640x640": "640 × 640, square",
      "1280x720": "1280 × 720, wide",
      "720x1280": "720 × 1280, tall",
    } as Record<string, string>,
    frameRate: "Frames per second",
    frameRates: { template: "As the mode says", source: "As in the clip", "24": "24", "30": "30" },
    negativePrompt: "What to avoid",
    negativeHint: "Counts with Quality only; Fast and Balanced are too quick to heed it.",
    told: "When a film ends",
    notify: "Show a notification of the browser",
    notifyHint: "Each browser asks you first: press the bell beside a film that is being made.",
    sound: "Play a sound",
    go: "Save",
    done: "Saved. Your next film starts from this.",
  },
  connections: {
    title: "What this studio is connected to",
    text: "The studio works without any of those that are not configured.",
    operatorHint: (names: string) => `Set ${names} and start the studio again.`,
    states: {
      ok: "Ready",
      degraded: "Partly there",
      down: "Does not answer",
      not_configured: "Not configured",
    },
    parts: {
      comfy: { title: "Render servers", text: "Make the pictures of your films." },
      media: { title: "Pictures and sound", text: "Cuts, joins and reads media files." },
      storage: { title: "Storage", text: "Keeps files and films." },
      db: { title: "Database", text: "Keeps everything else." },
      kv: {
        title: "Wake-up calls",
        text: "Make waiting work go on at once. Without them it takes seconds longer.",
      },
      anthropic: {
        title: "Anthropic",
        text: "A language model for research, briefs and direction.",
        set: "ANTHROPIC_API_KEY",
      },
      cometapi: {
        title: "CometAPI",
        text: "Paid models for music, pictures and film.",
        set: "COMETAPI_API_KEY",
      },
      youtube: {
        title: "YouTube",
        text: "Publishing finished films.",
        set: "YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET",
      },
    } as Record<string, { title: string; text: string; set?: string }>,
  },
  data: {
    title: "Take your data with you",
    text: "Everything that is yours: account, settings, prompts, films and the files they were made from.",
    zip: "Everything, as a ZIP",
    json: "Without films and files, as JSON",
    delete: {
      title: "Delete your account",
      text:
        "Your films, files, prompts and settings are removed for good. Films that are being made are stopped. " +
        "There is no way back.",
      password: "Your password",
      confirm: (email: string) => `To be sure, type ${email}`,
      go: "Delete my account",
    },
  },
};
