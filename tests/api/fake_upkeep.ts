/** Maintenance of the studio in memory. */
import type { Upkeep } from "@/core/maintenance.ts";
import { noteIn } from "./fake_audit.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

export function fakeUpkeep(kept: FakeStudio["kept"], clock: FakeClock): Upkeep {
  return {
    read: () => Promise.resolve(kept.maintenance),
    begin(note, by) {
      kept.maintenance = { since: kept.maintenance?.since ?? clock.now(), note };
      noteIn(kept, clock, { action: "studio.drain", subject: "studio", before: null, after: { note } }, by);
      return Promise.resolve();
    },
    end(by) {
      if (kept.maintenance === null) return Promise.resolve(false);
      kept.maintenance = null;
      noteIn(kept, clock, { action: "studio.open", subject: "studio", before: null, after: null }, by);
      return Promise.resolve(true);
    },
    underWay: () => Promise.resolve(2),
  };
}
