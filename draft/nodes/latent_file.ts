/** Latents as files in the layout of ComfyUI's SaveLatent: a safetensors header, then raw bytes. */
import { z } from "zod";
import { Shot } from "./shot.ts";
import { Latent, type Picture, refuse } from "./values.ts";

const Notes = z.strictObject({
  width: z.int().positive(),
  height: z.int().positive(),
  stride: z.int().positive(),
  guides: z.int().min(0).optional(),
  shots: z.array(Shot).min(1),
  /** Where the pictures lie in the tensor. */
  pictures: z.array(z.strictObject({
    id: z.string(),
    width: z.int().positive(),
    height: z.int().positive(),
    start: z.int().min(0),
  })),
});

const Header = z.looseObject({
  __metadata__: z.looseObject({ draft: z.string().optional() }).optional(),
  latent_tensor: z.looseObject({ data_offsets: z.tuple([z.int().min(0), z.int().min(0)]) }),
});

/** The bytes of a `.latent` file. Equal latents give equal bytes. */
export function writeLatent(latent: Latent): Uint8Array {
  const used = new Set(
    latent.shots.flatMap((shot) => [
      shot.plate,
      ...shot.beats.flatMap((beat) => [beat.inset, beat.backdrop]),
    ]),
  );
  const kept = [...latent.pictures].filter(([id]) => used.has(id)).sort(([a], [b]) => a < b ? -1 : 1);
  let bytes = 0;
  const pictures = kept.map(([id, picture]) => {
    const start = bytes;
    bytes += picture.rgb.length;
    return { id, width: picture.width, height: picture.height, start };
  });
  const draft = JSON.stringify({ ...latent.layout, shots: latent.shots, pictures });
  const text = JSON.stringify({
    __metadata__: { draft },
    latent_tensor: { dtype: "U8", shape: [1, bytes], data_offsets: [0, bytes] },
    latent_format_version_0: { dtype: "F32", shape: [0], data_offsets: [bytes, bytes] },
  });
  const plain = new TextEncoder().encode(text);
  // The tensor begins at a multiple of eight bytes, as safetensors wants it.
  const header = new Uint8Array(Math.ceil(plain.length / 8) * 8).fill(0x20);
  header.set(plain);
  const file = new Uint8Array(8 + header.length + bytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  for (const [i, [, picture]] of kept.entries()) {
    file.set(picture.rgb, 8 + header.length + pictures[i]!.start);
  }
  return file;
}

/** Reads what `writeLatent` wrote; throws for cut files and for latents of a real model. */
export function readLatent(file: Uint8Array): Latent {
  if (file.length < 8) throw refuse("The latent file is cut off.");
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > file.length - 8) throw refuse("The latent file is cut off.");
  const header = Header.safeParse(parseJson(new TextDecoder().decode(file.subarray(8, 8 + length))));
  if (!header.success) throw refuse("The latent file has no readable header.", header.error);
  const draft = header.data.__metadata__?.draft;
  if (draft === undefined) {
    throw refuse("This latent was made by a model; the draft renderer cannot read it.");
  }
  const notes = Notes.safeParse(parseJson(draft));
  if (!notes.success) throw refuse("The latent file does not describe a draft.", notes.error);
  const data = file.subarray(8 + length);
  if (data.length < header.data.latent_tensor.data_offsets[1]) throw refuse("The latent file is cut off.");
  const { shots, pictures, ...layout } = notes.data;
  const album = new Map<string, Picture>();
  for (const { id, width, height, start } of pictures) {
    album.set(id, { width, height, rgb: data.slice(start, start + width * height * 3) });
  }
  return new Latent(layout, shots, album);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse("The latent file has no readable header.", cause);
  }
}
