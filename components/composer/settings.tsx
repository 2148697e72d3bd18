/** The drawer's inside at work: the settings, and those kept under a name. Its script comes when the drawer is opened. */
import { type Composition, edit } from "@/core/composer.ts";
import { wishesOf } from "@/core/composer_edits.ts";
import type { ShownPreset } from "@/core/shown.ts";
import type { Desk } from "./desk.ts";
import { Drawer, type DrawerProps } from "./drawer.tsx";
import { Kept } from "./kept.tsx";

export interface SettingsProps extends Pick<DrawerProps, "offered" | "notes"> {
  desk: Desk;
  usual: Composition;
  presets: ShownPreset[];
}

export function Settings({ desk, usual, presets, ...shown }: SettingsProps) {
  const { composition } = desk.composer.now;
  const set = (next: Partial<Composition>, name = "") =>
    desk.change((now, at) => edit(now, next, { name, at }));
  return (
    <>
      <Drawer
        {...shown}
        composition={composition}
        wish={(wishes) => set({ wishes: { ...composition.wishes, ...wishes } }, Object.keys(wishes).join())}
        avoid={(negativePrompt) => set({ negativePrompt }, "negativePrompt")}
      />
      <Kept
        presets={presets}
        composition={composition}
        say={desk.say}
        reset={() => set({ wishes: usual.wishes, negativePrompt: usual.negativePrompt })}
        use={(preset) => set(withPreset(preset, composition))}
      />
    </>
  );
}

function withPreset(preset: ShownPreset, { submode }: Composition): Partial<Composition> {
  return {
    mode: preset.mode === "audio" ? "audio" : "animate",
    submode: preset.submode === "mix" ? "mix" : preset.submode === "move" ? "move" : submode,
    negativePrompt: preset.negativePrompt,
    wishes: wishesOf(preset.settings),
  };
}
