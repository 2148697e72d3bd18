/** The drawer's inside at work: the settings, and those kept under a name. Its script comes when the drawer is opened. */
import { chooseMode, type Composer, type Composition, edit } from "@/core/composer.ts";
import { optionsOf, wishesOf } from "@/core/composer_edits.ts";
import { modeId } from "@/core/modes.ts";
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
        opt={(name, value) => set({ options: { ...composition.options, [name]: value } }, name)}
        avoid={(negativePrompt) => set({ negativePrompt }, "negativePrompt")}
      />
      <Kept
        presets={presets}
        composed={desk.composer}
        say={desk.say}
        reset={() => set({ wishes: usual.wishes, options: {}, negativePrompt: usual.negativePrompt })}
        use={(preset) => desk.change((now, at) => withPreset(preset, now, at))}
      />
    </>
  );
}

/** One step back undoes all of it. A mode that is not offered any more leaves the present one. */
function withPreset(preset: ShownPreset, composer: Composer, at: number): Composer {
  const mode = modeId(preset);
  const { composition } =
    (Object.hasOwn(composer.forms, mode) ? chooseMode(composer, mode, at) : composer).now;
  const how = preset.submode === "mix" || preset.submode === "move" ? preset.submode : composition.submode;
  return edit(composer, {
    ...composition,
    submode: how,
    negativePrompt: preset.negativePrompt,
    wishes: wishesOf(preset.settings),
    options: optionsOf(preset.settings),
  }, { name: "", at });
}
