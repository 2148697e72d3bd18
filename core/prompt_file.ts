/** Prompt files: name, frames, what is to be seen and what is not, in four blocks with blank lines between them. */
import { PROMPT_MAX } from "./request.ts";
import { no, ok, type Result } from "./result.ts";
import { takes } from "./words/takes.ts";

/** A prompt file is a page of text; whatever is larger is another file. */
export const PROMPT_FILE_BYTES_MAX = 256 * 1024;
const NAME_MAX = 100;

/** What happens in some pieces only, beside what the whole take shows. */
export interface Direction {
  at: { chunk: number } | { fromS: number; toS: number };
  text: string;
  /** Goes on with the colours of the pieces before it, though it has words of its own. */
  sameLook: boolean;
  /** As it stands in the file, for reports. */
  mark: string;
  line: number;
}

export interface PromptFile {
  /** As written, without `.mp4`. */
  name: string;
  frames: number;
  positive: string;
  directions: Direction[];
  /** Blank: the model's own. */
  negative: string;
}

/** Blocks and lines count from 1; block 0 is the file as a whole. */
export interface PromptFault {
  block: number;
  line: number;
  text: string;
}

interface Block {
  line: number;
  lines: string[];
}

/** Every fault at once, or the file's content. */
export function parsePromptFile(
  content: string | Uint8Array,
  { framesMax }: { framesMax: number },
): Result<PromptFile, PromptFault[]> {
  const text = readText(content);
  if (!text.ok) return text;
  const blocks = splitBlocks(text.value);
  if (blocks.length === 0) return no([{ block: 0, line: 1, text: takes.file.empty }]);
  const faults: PromptFault[] = [];
  const [title, count, positive, negative, extra] = blocks;
  const name = readName(title, faults);
  const frames = readFrames(count, { framesMax, faults, after: title });
  const seen = readPositive(positive, { faults, after: count ?? title });
  const unseen = negative?.lines.join("\n") ?? "";
  checkLength(unseen, { block: 4, line: negative?.line ?? 1, faults });
  if (extra) {
    const words = extra.lines.join(" ").split(/\s+/).slice(0, 6).join(" ").slice(0, 80);
    faults.push({ block: 5, line: extra.line, text: takes.file.extra(words) });
  }
  return faults.length > 0 ? no(faults) : ok({ name, frames, ...seen, negative: unseen });
}

function readText(content: string | Uint8Array): Result<string, PromptFault[]> {
  const size = typeof content === "string" ? content.length : content.byteLength;
  if (size > PROMPT_FILE_BYTES_MAX) {
    return no([{ block: 0, line: 1, text: takes.file.large(size, PROMPT_FILE_BYTES_MAX) }]);
  }
  try {
    const text = typeof content === "string"
      ? content
      : new TextDecoder("utf-8", { fatal: true }).decode(content);
    if (text.includes("\u0000") || !text.isWellFormed()) throw new TypeError("no text");
    return ok(text.replace(/^\ufeff/, "").replaceAll(/\r\n?/g, "\n"));
  } catch {
    return no([{ block: 0, line: 1, text: takes.file.encoding }]);
  }
}

/** Runs of lines that are not blank; blanks at the ends of lines do not count. */
function splitBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trimEnd();
    if (line.trim() === "") open = null;
    else if (open) open.lines.push(line);
    else blocks.push(open = { line: index + 1, lines: [line.trimStart()] });
  }
  return blocks;
}

function readName(block: Block | undefined, faults: PromptFault[]): string {
  if (block && block.lines.length > 1) {
    faults.push({ block: 1, line: block.line + 1, text: takes.file.nameLines });
  }
  const name = (block?.lines[0] ?? "").replace(/\.mp4$/i, "").trim();
  if (name.length > 200) {
    faults.push({ block: 1, line: block?.line ?? 1, text: takes.file.long(name.length, 200) });
  }
  return name;
}

function readFrames(
  block: Block | undefined,
  of: { framesMax: number; faults: PromptFault[]; after: Block | undefined },
): number {
  const { framesMax, faults } = of;
  if (!block) {
    faults.push({ block: 2, line: endOf(of.after), text: takes.file.missing.frames });
    return 0;
  }
  const found = block.lines.join(" ");
  const frames = /^\d{1,9}$/.test(found) ? Number(found) : 0;
  if (frames < 1 || frames > framesMax) {
    faults.push({ block: 2, line: block.line, text: takes.file.frames(found.slice(0, 40), framesMax) });
  }
  return frames;
}

function readPositive(
  block: Block | undefined,
  { faults, after }: { faults: PromptFault[]; after: Block | undefined },
): { positive: string; directions: Direction[] } {
  if (!block) {
    faults.push({ block: 3, line: endOf(after), text: takes.file.missing.positive });
    return { positive: "", directions: [] };
  }
  const { positive, directions, faults: found } = readDirected(block.lines.join("\n"), block.line);
  faults.push(...found);
  if (positive === "") faults.push({ block: 3, line: block.line, text: takes.file.positive });
  checkLength(positive, { block: 3, line: block.line, faults });
  for (const { text, line } of directions) checkLength(text, { block: 3, line, faults });
  return { positive, directions };
}

/** What the whole take shows, and the directions among it. Lines count from `first`. */
export function readDirected(
  all: string,
  first = 1,
): { positive: string; directions: Direction[]; faults: PromptFault[] } {
  const directions: Direction[] = [];
  const common: string[] = [];
  const faults: PromptFault[] = [];
  for (const [index, text] of all.split("\n").entries()) {
    const line = first + index;
    const mark = /^\s*\[(?=\s*(?:chunk\b|\d))[^\]]*\]?/i.exec(text);
    if (!mark) {
      // Further lines of a direction belong to it.
      const last = directions.at(-1);
      if (last) last.text = `${last.text}\n${text}`;
      else common.push(text);
      continue;
    }
    const found = readDirection(mark[0].trim(), { text: text.slice(mark[0].length).trim(), line });
    if (typeof found === "string") faults.push({ block: 3, line, text: found });
    else directions.push(found);
  }
  return { positive: common.join("\n").trim(), directions, faults };
}

const TIME = String.raw`(?:(\d{1,2}):)?(\d{1,3}):(\d{2}(?:\.\d{1,3})?)`;
const CHUNK = /^\[\s*chunk\s+(\d{1,5})\s*(same look)?\s*\]$/i;
const SPAN = new RegExp(String.raw`^\[\s*${TIME}\s*[-–]\s*${TIME}\s*(same look)?\s*\]$`, "i");

function readDirection(mark: string, of: { text: string; line: number }): Direction | string {
  const chunk = CHUNK.exec(mark);
  const span = SPAN.exec(mark);
  if (!chunk && !span) return takes.file.direction(mark.slice(0, 60));
  if (of.text === "") return takes.file.directionEmpty(mark);
  if (chunk) {
    if (Number(chunk[1]) < 1) return takes.file.direction(mark);
    return { at: { chunk: Number(chunk[1]) }, sameLook: chunk[2] !== undefined, mark, ...of };
  }
  const at = { fromS: secondsOf(span?.slice(1, 4)), toS: secondsOf(span?.slice(4, 7)) };
  if (at.toS <= at.fromS) return takes.file.directionEnd(mark);
  return { at, sameLook: span?.[7] !== undefined, mark, ...of };
}

function secondsOf([hours, minutes, seconds]: (string | undefined)[] = []): number {
  return Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds);
}

function checkLength(text: string, of: { block: number; line: number; faults: PromptFault[] }): void {
  const { block, line, faults } = of;
  if (text.length > PROMPT_MAX) {
    faults.push({ block, line, text: takes.file.long(text.length, PROMPT_MAX) });
  }
}

function endOf(block: Block | undefined): number {
  return block ? block.line + block.lines.length : 1;
}

/** The third block: what the whole take shows, then its directions. */
export function writeDirected({ positive, directions }: Pick<PromptFile, "positive" | "directions">): string {
  return [positive, ...directions.map(({ mark, text }) => `${mark} ${text}`)].join("\n");
}

/** The same take as a prompt file; reading it gives the same take again. */
export function writePromptFile({ name, frames, positive, directions, negative }: PromptFile): string {
  const blocks = [
    `${name}.mp4`,
    String(frames),
    writeDirected({ positive, directions }),
    ...(negative === "" ? [] : [negative]),
  ].map((block) => block.replaceAll(/\n\s*\n/g, "\n"));
  return `${blocks.join("\n\n")}\n`;
}

const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A name that is one safe part of a path on every system: letters, digits, `-`, `_` and single dots. */
export function pathName(name: string): string {
  const safe = name.normalize("NFC")
    .replaceAll(/[^\p{L}\p{N}\p{M}._-]+/gu, "_")
    .replaceAll(/\.{2,}/g, ".")
    .replaceAll(/^[._-]+|[._-]+$/g, "");
  const short = [...safe].slice(0, NAME_MAX).join("");
  if (short === "") return "take";
  return RESERVED.test(short) ? `${short}_take` : short;
}

/** One directory name for each video, also where two have one name. */
export function pathNames(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const base = pathName(name);
    let found = base;
    // Some file systems do not tell upper case from lower.
    for (let n = 2; taken.has(found.toLowerCase()); n++) found = `${base}_${n}`;
    taken.add(found.toLowerCase());
    return found;
  });
}
