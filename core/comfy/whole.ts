/** Tells from its bytes that a file ends early: a server that died while it wrote leaves one like that. */

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The last chunk of every PNG. */
const PNG_END = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];
/** Longest description of tensors that is read. */
const TENSORS_MAX = 1 << 20;

export interface EndWatch {
  /** The next bytes of the file. */
  push(chunk: Uint8Array): void;
  /** After all bytes: true for nothing at all, and for a picture, film or tensors without their end. */
  endsEarly(): boolean;
}

/** Files of other kinds never end early: nothing in them says where they should. */
export function watchEnd(): EndWatch {
  const boxes = walkBoxes();
  const head: number[] = [];
  let tail: number[] = [];
  let total = 0;
  return {
    push(chunk) {
      total += chunk.byteLength;
      for (const byte of chunk) {
        if (head.length >= lengthOfHead(head)) break;
        head.push(byte);
      }
      tail = [...tail, ...chunk.subarray(-PNG_END.length)].slice(-PNG_END.length);
      boxes.push(chunk);
    },
    endsEarly() {
      if (total === 0) return true;
      if (startsWith(head, PNG)) return !startsWith(tail, PNG_END);
      if (String.fromCharCode(...head.slice(4, 8)) === "ftyp") return !boxes.areWhole();
      const size = tensorsEnd(head);
      return size !== null && total < size;
    },
  };
}

function startsWith(bytes: number[], wanted: number[]): boolean {
  return wanted.every((byte, at) => bytes[at] === byte);
}

/** Walks the top-level boxes of a film as its bytes come. */
function walkBoxes(): { push(chunk: Uint8Array): void; areWhole(): boolean } {
  const header: number[] = [];
  let skip = 0;
  let hasIndex = false;
  let isOdd = false;
  const open = () => {
    const view = new DataView(Uint8Array.from(header).buffer);
    const short = view.getUint32(0);
    if (short === 1 && header.length < 16) return;
    hasIndex ||= String.fromCharCode(...header.slice(4, 8)) === "moov";
    const size = short === 1 ? Number(view.getBigUint64(8)) : short;
    // A box of size 0 goes on to the end of the file, wherever that is.
    skip = size === 0 ? Infinity : size - header.length;
    isOdd ||= skip < 0;
    header.length = 0;
  };
  return {
    push(chunk) {
      for (let at = 0; at < chunk.byteLength && !isOdd;) {
        const step = Math.min(skip, chunk.byteLength - at);
        skip -= step;
        at += step;
        if (at >= chunk.byteLength) return;
        header.push(chunk[at++] ?? 0);
        if (header.length === 8 || header.length === 16) open();
      }
    },
    areWhole: () => hasIndex && !isOdd && header.length === 0 && (skip === 0 || skip === Infinity),
  };
}

/** Bytes that are kept of the beginning: all of the description of tensors, where the file begins with one. */
function lengthOfHead(head: number[]): number {
  const length = descriptionLength(head);
  return length === null ? 16 : 8 + length;
}

/** Safetensors begin with the length of a JSON object, as 64 bits, and that object. */
function descriptionLength(head: number[]): number | null {
  if (head[8] !== 0x7b) return null;
  const length = Number(new DataView(Uint8Array.from(head.slice(0, 8)).buffer).getBigUint64(0, true));
  return length <= TENSORS_MAX ? length : null;
}

/** How long a file of tensors must be; null for any other. */
function tensorsEnd(head: number[]): number | null {
  const length = descriptionLength(head);
  if (length === null) return null;
  if (head.length < 8 + length) return 8 + length;
  const text = new TextDecoder().decode(Uint8Array.from(head.slice(8, 8 + length)));
  const ends = [...text.matchAll(/"data_offsets":\s*\[\s*\d+\s*,\s*(\d+)\s*\]/g)].map(([, end]) =>
    Number(end)
  );
  return 8 + length + Math.max(0, ...ends);
}
