/** Pictures and loops of older models: a pose laid into the prompts, a likeness and a closed loop given to the model. */
import type { NodeKind } from "../../contract.ts";
import { digest } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { shrink } from "../pixels.ts";
import { blankShot, buildScene, digestOfInput, NOTHING_CARRIED, withScene } from "../scene.ts";
import { Album, STILL } from "../shot.ts";
import { type Conditioning, Handle } from "../values.ts";

const POSE_EDGE = 160;

/** A handle of everything that a node was given. */
function handle(name: string): NodeKind {
  return kind((inputs) => [new Handle(name, digestOf(inputs))]);
}

function digestOf(inputs: Inputs): string {
  return digest([
    inputs.settings(),
    Object.entries(inputs.raw).map(([name, value]) => [name, digestOfInput(value)]),
  ]);
}

/** The pose stands as an inset in what the prompts become. */
async function applyControl(inputs: Inputs): Promise<Conditioning[]> {
  const [positive, negative] = [inputs.prompt("positive"), inputs.prompt("negative")];
  const pose = inputs.frames("image");
  inputs.handle("control_net");
  if (inputs.number("strength") === 0) return [positive, negative];
  const album = new Album();
  const inset = album.add(shrink(await pose.get(0), { from: pose, edge: POSE_EDGE }));
  const blank = blankShot({
    plate: null,
    carried: NOTHING_CARRIED,
    caption: "POSE",
    text: positive.text,
    digest: digestOf(inputs),
  });
  const size = { width: pose.width, height: pose.height };
  const scene = buildScene(blank, { size, album, beats: [{ ...STILL, inset }], stride: 1 });
  return [withScene(positive, scene), withScene(negative, scene)];
}

/** An animation model takes all frames of a batch at once up to its own length, and closes them only where it is told to. */
function loopOptions(inputs: Inputs): Handle[] {
  const frames = inputs.int("context_length") + (inputs.bool("use_on_equal_length") ? 0 : 1);
  const traits = inputs.bool("closed_loop") ? { closesFrom: frames } : {};
  return [new Handle("CONTEXT_OPTIONS", digestOf(inputs), 1, traits)];
}

function evolve(inputs: Inputs): Handle[] {
  const context = inputs.maybe("context_options", Handle);
  return [inputs.handle("model").changed(digestOf(inputs), context?.traits)];
}

export const animeKinds: Record<string, NodeKind> = {
  ControlNetLoader: handle("CONTROL_NET"),
  SetUnionControlNetType: handle("CONTROL_NET"),
  ControlNetApplyAdvanced: kind(applyControl),
  IPAdapterModelLoader: handle("IPADAPTER"),
  IPAdapterAdvanced: kind((inputs) => {
    inputs.handle("ipadapter");
    const likeness = inputs.frames("image");
    const traits = inputs.number("weight") === 0 ? {} : { likeness };
    return [inputs.handle("model").changed(digestOf(inputs), traits)];
  }),
  ADE_LoadAnimateDiffModel: handle("MOTION_MODEL_ADE"),
  ADE_ApplyAnimateDiffModelSimple: handle("M_MODELS"),
  ADE_LoopedUniformContextOptions: kind(loopOptions),
  ADE_UseEvolvedSampling: kind(evolve),
};
