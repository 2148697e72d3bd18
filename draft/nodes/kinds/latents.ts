/** Empty latents, cutting and joining them along time, and keeping them as files. */
import type { NodeContext, NodeKind } from "../../contract.ts";
import { type Inputs, kind } from "../kind.ts";
import { readLatent, writeLatent } from "../latent_file.ts";
import { fingerprintOf, inputPath, numbered, saveAs, saveTarget } from "../naming.ts";
import { emptyLatent } from "../scene.ts";
import { Latent, refuse } from "../values.ts";

function needTime(inputs: Inputs): string {
  const dim = inputs.text("dim");
  if (!dim.endsWith("t")) throw refuse("The draft renderer cuts and joins latents along time only.");
  return dim;
}

function joinLatents(first: Latent, second: Latent): Latent {
  const { width, height, stride } = first.layout;
  const other = second.layout;
  if (other.width !== width || other.height !== height || other.stride !== stride) {
    throw refuse(`Sizes of latents must match: ${width}x${height} and ${other.width}x${other.height}.`);
  }
  const pictures = new Map([...first.pictures, ...second.pictures]);
  return new Latent(first.layout, [...first.shots, ...second.shots], pictures);
}

/** LatentCut clamps its index and never gives an empty latent. */
function cutLatent(latent: Latent, options: { index: number; amount: number }): Latent {
  const count = latent.shots.length;
  const index = Math.max(Math.min(options.index, count - 1), -count);
  const amount = index < 0 ? Math.min(-index, options.amount) : Math.min(count - index, options.amount);
  const start = index < 0 ? count + index : index;
  return latent.with(latent.shots.slice(start, start + amount));
}

function trimLatent(inputs: Inputs): Latent[] {
  const latent = inputs.latent("samples");
  const shots = latent.shots.slice(inputs.int("trim_amount"));
  if (shots.length === 0) throw refuse("Nothing is left of the latent after trimming.");
  return [latent.with(shots)];
}

export async function saveLatent(inputs: Inputs, context: NodeContext, from = "samples") {
  const latent = inputs.latent(from);
  const target = await saveTarget(context, { prefix: inputs.text("filename_prefix") });
  const file = await saveAs(target, {
    name: numbered(target, { ending: "_.latent" }),
    write: (path) => Deno.writeFile(path, writeLatent(latent)),
  });
  return { outputs: [latent], ui: { latents: [file] } };
}

export const latentKinds: Record<string, NodeKind> = {
  EmptyLatentImage: kind((inputs) => {
    const size = { width: inputs.int("width") & ~7, height: inputs.int("height") & ~7 };
    return [emptyLatent({ ...size, stride: 1 }, inputs.int("batch_size"))];
  }),
  EmptyHunyuanLatentVideo: kind((inputs) => {
    const size = { width: inputs.int("width") & ~7, height: inputs.int("height") & ~7 };
    return [emptyLatent({ ...size, stride: 4 }, Math.floor((inputs.int("length") - 1) / 4) + 1)];
  }),
  LatentConcat: kind((inputs) => {
    const [first, second] = [inputs.latent("samples1"), inputs.latent("samples2")];
    return [needTime(inputs).startsWith("-") ? joinLatents(second, first) : joinLatents(first, second)];
  }),
  LatentCut: kind((inputs) => {
    needTime(inputs);
    return [
      cutLatent(inputs.latent("samples"), { index: inputs.int("index"), amount: inputs.int("amount") }),
    ];
  }),
  TrimVideoLatent: kind(trimLatent),
  SaveLatent: kind((inputs, context) => saveLatent(inputs, context)),
  LoadLatent: kind(
    async (
      inputs,
      context,
    ) => [readLatent(await Deno.readFile(inputPath(inputs.text("latent"), context.folders)))],
    (inputs, folders) => fingerprintOf(inputs.text("latent"), folders),
  ),
};
