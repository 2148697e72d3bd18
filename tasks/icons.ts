/** Writes the icons that the pages use, as exports: those of the first script of the studio in a file of their own. */
import lucide from "@iconify-json/lucide/icons.json" with { type: "json" };

/** Name here, name in the set. */
export const USED: Record<string, string> = {
  alert: "triangle-alert",
  arrowDown: "arrow-down",
  arrowLeft: "arrow-left",
  arrowRight: "arrow-right",
  arrowUp: "arrow-up",
  bell: "bell",
  camera: "camera",
  check: "check",
  chevronDown: "chevron-down",
  chevronLeft: "chevron-left",
  chevronRight: "chevron-right",
  clock: "clock",
  compare: "git-compare-arrows",
  copy: "copy",
  cut: "scissors",
  download: "download",
  edit: "pencil",
  expand: "expand",
  external: "external-link",
  eye: "eye",
  film: "clapperboard",
  folder: "folder",
  frameBack: "step-back",
  frameForward: "step-forward",
  grip: "grip-vertical",
  help: "circle-help",
  history: "history",
  image: "image",
  info: "info",
  key: "key-round",
  keyboard: "keyboard",
  laptop: "laptop",
  layers: "layers",
  link: "link",
  lock: "lock",
  logOut: "log-out",
  loop: "repeat",
  mic: "mic",
  more: "ellipsis",
  music: "music",
  mute: "volume-x",
  pause: "pause",
  phone: "smartphone",
  play: "play",
  plug: "plug",
  minus: "minus",
  plus: "plus",
  redo: "redo-2",
  reject: "thumbs-down",
  retake: "refresh-cw",
  retry: "rotate-ccw",
  search: "search",
  server: "server",
  settings: "settings",
  share: "share-2",
  skip: "skip-forward",
  sliders: "sliders-horizontal",
  sound: "volume-2",
  star: "star",
  stop: "square",
  swap: "arrow-left-right",
  terminal: "terminal",
  trash: "trash-2",
  undo: "undo-2",
  upload: "upload",
  user: "user",
  userPlus: "user-plus",
  users: "users",
  wand: "sparkles",
  wifiOff: "wifi-off",
  x: "x",
  webhook: "webhook",
  zip: "file-archive",
};

/** The drawing of one icon, without what the style sheet says for all. */
function bodyOf(name: string): string {
  const icons: Record<string, { body: string }> = lucide.icons;
  const aliases: Record<string, { parent: string }> = lucide.aliases;
  const icon = icons[name] ?? icons[aliases[name]?.parent ?? ""];
  if (!icon) throw new Error(`The icon set has no ${name}`);
  return icon.body.replaceAll(
    / (fill="none"|stroke="currentColor"|stroke-(linecap|linejoin|width)="[^"]*")/g,
    "",
  )
    .replaceAll(/<g>(.*?)<\/g>/g, "$1");
}

/** What studio and queue show before anything is opened. A bundler splits files, not exports: all others would come along. */
const FIRST = [
  ...["alert", "bell", "chevronDown", "film", "history", "image", "keyboard", "mic", "music", "plus", "redo"],
  ...["sliders", "undo", "wand", "wifiOff", "x"],
  // Of the queue, which shares its scripts with the studio.
  ...["clock", "edit", "grip", "more", "pause", "play"],
];

/** By the files' names. */
export function iconsFiles(): Record<string, string> {
  const all = Object.entries(USED).sort(([a], [b]) => a.localeCompare(b));
  const write = (which: string, icons: [string, string][]) => {
    const head =
      `/** Lucide icons ${which} (ISC licence), made by \`deno task icons\`. */\n// deno-fmt-ignore-file\n`;
    return `${head}\n${
      icons.map(([name, from]) => `export const ${name} =\n  '${bodyOf(from)}';\n`).join("")
    }`;
  };
  const rest = write("that the pages use", all.filter(([name]) => !FIRST.includes(name)));
  return {
    "icons_first.ts": write(
      "of the studio's and the queue's first scripts",
      all.filter(([name]) => FIRST.includes(name)),
    ),
    "icons.ts": `${rest}\nexport * from "./icons_first.ts";\n`,
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(iconsFiles())) {
    await Deno.writeTextFile(`components/${name}`, text);
  }
}
