/** Settings of the studio in memory: three variables, of which one is a secret and one is read at the start. */
import { isChangeable, readValue, type Setting, type Settings } from "@/core/settings.ts";
import { VARIABLES } from "@/core/config.ts";
import { noteIn } from "./fake_audit.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

const NAMES = ["PORT", "TRASH_DAYS", "ANTHROPIC_API_KEY"] as const;

export function fakeSettings(kept: FakeStudio["kept"], clock: FakeClock): Settings {
  const stored = kept.settings;
  const settingOf = (name: (typeof NAMES)[number]): Setting => {
    const { group, about, fallback } = VARIABLES[name];
    const own = stored.get(name);
    const hidden = name === "ANTHROPIC_API_KEY";
    const value = own?.value ?? fallback;
    return {
      name,
      group,
      about,
      value: hidden ? null : value,
      secret: hidden ? { configured: value !== "", hint: value.slice(-4) } : null,
      source: own ? "stored" : "default",
      changeable: isChangeable(name),
      rev: own?.rev ?? 0,
    };
  };
  return {
    list: () => Promise.resolve(NAMES.map(settingOf)),
    store(name, value, { rev, by }) {
      const known = NAMES.find((one) => one === name);
      if (!known) return Promise.resolve({ end: "missing" });
      if (!isChangeable(known)) return Promise.resolve({ end: "fixed" });
      if ((stored.get(known)?.rev ?? 0) !== rev) return Promise.resolve({ end: "changed" });
      const read = value === null ? null : readValue(known, value);
      if (read && !read.ok) return Promise.resolve({ end: "wrong", message: read.problem[0]?.message ?? "" });
      if (value === null) stored.delete(known);
      else stored.set(known, { value, rev: rev + 1 });
      const action = value === null ? "setting.drop" : "setting.store";
      noteIn(kept, clock, { action, subject: name, before: null, after: null }, by);
      return Promise.resolve({ end: "stored" });
    },
    test: (service, { url = "" }) =>
      Promise.resolve({ works: service !== "outbound", notes: [`${service} ${url}`.trim()] }),
  };
}
