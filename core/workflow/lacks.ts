/** Everything that a server lacks for a template at once: for operators, who can install it. */
import type { Definitions, Template } from "../template.ts";

export interface Lacks {
  /** Node classes with the pack that brings them; none where they belong to ComfyUI itself. */
  classes: { name: string; pack: { name: string; source: string; commit: string } | null }[];
  models: { file: string; folder: string; source: string }[];
  /** In gigabytes; null where there is enough, or nobody said. */
  vram: { wants: number; has: number } | null;
}

/** The definitions must be that server's own, because the choices of its loaders are the files on its disk. */
export function lacksOf(
  { manifest: { requires }, graph }: Template,
  { definitions, vramBytes }: { definitions: Definitions; vramBytes: number | null },
): Lacks {
  const classes = [...new Set(Object.values(graph).map((node) => node.class_type))]
    .filter((name) => !Object.hasOwn(definitions, name));
  const has = vramBytes === null ? null : vramBytes / 1e9;
  return {
    classes: classes.map((name) => {
      const pack = requires.packs.find((one) => one.classes.includes(name));
      return { name, pack: pack ? { name: pack.name, source: pack.source, commit: pack.commit } : null };
    }),
    models: requires.models.filter(({ file }) => !offers(definitions, file))
      .map(({ file, folder, source }) => ({ file, folder, source })),
    // A card sold as 24 GB reports a little less.
    vram: has !== null && has < requires.vramGb * 0.95 ? { wants: requires.vramGb, has } : null,
  };
}

/** Whether any list of choices has the file, alone or in a folder of its own. */
function offers(definitions: Definitions, file: string): boolean {
  const names = Object.values(definitions).flatMap(({ input }) =>
    [...Object.values(input.required ?? {}), ...Object.values(input.optional ?? {})].flatMap(choicesOf)
  );
  return names.some((name) => name.replaceAll("\\", "/").split("/").at(-1) === file);
}

/** Old servers send `[[choices], …]`, new ones `["COMBO", { options: [choices] }]`. */
function choicesOf(spec: unknown): string[] {
  if (!Array.isArray(spec)) return [];
  const [type, options]: unknown[] = spec;
  const list = Array.isArray(type)
    ? type
    : type === "COMBO" && typeof options === "object" && options !== null && "options" in options
    ? options.options
    : [];
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}
