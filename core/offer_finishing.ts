/** What may be asked of a film beside the model's own settings: work on it when it is done, a look after its first pass, another model. */
import type { OfferedSetting } from "./offer.ts";
import { hasPasses } from "./planners/passes.ts";
import type { Template } from "./template.ts";
import { finishing as words } from "./words/finishing.ts";

const TIMES = [
  { value: "off", title: words.off },
  { value: "2", title: words.times(2) },
  { value: "4", title: words.times(4) },
];

/** Named by their path in the request's settings; `template` stands beside them. Pictures have none of these. */
export function offerFinishing({ manifest }: Template, all: Template[]): OfferedSetting[] {
  if (manifest.delivers === "still") return [];
  // A model that may stand for another one has a name that begins with the other's.
  const others = all.filter(({ manifest: other }) =>
    other.chosen === "by_name" && other.id.startsWith(manifest.id) && other.submode === manifest.submode
  );
  const { fields } = words;
  return [
    ...(others.length > 0 ? [otherModels([manifest, ...others.map((other) => other.manifest)])] : []),
    ...(hasPasses(manifest) ? [setting("stopAfterFirstPass", "bool", fields.stop)] : []),
    { ...setting("finish.trim.start", "number", fields.trimStart), default: words.beginning },
    { ...setting("finish.trim.end", "number", fields.trimEnd), default: words.end },
    { ...setting("finish.interpolate", "choice", fields.interpolate), default: "off", options: TIMES },
    { ...setting("finish.upscale", "choice", fields.upscale), default: "off", options: TIMES },
    setting("finish.loudness", "bool", fields.loudness),
  ];
}

function otherModels(manifests: Template["manifest"][]): OfferedSetting {
  const [usual] = manifests;
  return {
    ...setting("template", "choice", words.fields.template),
    default: usual?.id ?? null,
    options: manifests.map(({ id, title }) => ({ value: id, title })),
  };
}

function setting(
  name: string,
  kind: OfferedSetting["kind"],
  { title, effect = null }: { title: string; effect?: string | null },
): OfferedSetting {
  const usual = kind === "bool" ? false : null;
  return { name, title, kind, effect, scales: null, default: usual, min: null, max: null, options: [] };
}
