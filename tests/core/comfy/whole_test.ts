/** Files that end early are told from whole ones by their bytes. */
import { watchEnd } from "@/core/comfy/whole.ts";
import { assertEquals } from "@/tests/assert.ts";

function endsEarly(bytes: Uint8Array, step: number): boolean {
  const watch = watchEnd();
  for (let at = 0; at < bytes.length; at += step) watch.push(bytes.subarray(at, at + step));
  return watch.endsEarly();
}

/** A small file of tensors: what describes them, then 8 bytes. */
function tensors(): Uint8Array {
  const text = '{"latent_tensor":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  const bytes = new Uint8Array(8 + text.length + 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(new TextEncoder().encode(text), 8);
  return bytes;
}

Deno.test("a picture, a film and tensors are whole, and end early without their last byte or half of them", async () => {
  const sample = (name: string) => Deno.readFile(new URL(`../../../static/samples/${name}`, import.meta.url));
  for (const bytes of [await sample("character.png"), await sample("drive.mp4"), tensors()]) {
    for (const step of [1, 7, 4096, bytes.length]) {
      if (step === 1 && bytes.length > 100_000) continue;
      assertEquals(endsEarly(bytes, step), false);
      assertEquals(endsEarly(bytes.subarray(0, -1), step), true);
      assertEquals(endsEarly(bytes.subarray(0, bytes.length / 2), step), true);
    }
  }
  assertEquals(endsEarly(new Uint8Array(0), 1), true);
});

Deno.test("large boxes and one without a size are walked, and what is of no known kind never ends early", () => {
  const box = (
    type: string,
    rest: number[],
    size = 8 + rest.length,
  ) => [0, 0, 0, size, ...letters(type), ...rest];
  const film = (...boxes: number[][]) => Uint8Array.from(boxes.flat());
  const large = [0, 0, 0, 1, ...letters("mdat"), 0, 0, 0, 0, 0, 0, 0, 18, 5, 5];
  const ftyp = box("ftyp", [1, 2, 3, 4]);
  assertEquals(endsEarly(film(ftyp, large, box("moov", [1])), 3), false);
  assertEquals(endsEarly(film(ftyp, box("moov", [1]), box("mdat", [5, 5, 5], 0)), 5), false);
  assertEquals(endsEarly(film(ftyp, box("mdat", [5, 5, 5], 0)), 5), true);
  assertEquals(endsEarly(film(ftyp, large), 4), true);
  assertEquals(endsEarly(film(ftyp, box("moov", [1], 4)), 4), true);
  assertEquals(endsEarly(new TextEncoder().encode("some words"), 2), false);
});

const letters = (text: string): number[] => [...new TextEncoder().encode(text)];
