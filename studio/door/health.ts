/** How every part of the house stands, each asked only when somebody looks. */
import { describeMedia } from "@/adapters/media/mod.ts";
import type { HouseStorage } from "@/adapters/storage/mod.ts";
import type { Config } from "@/core/config.ts";
import type { Clock, WakeBus } from "@/core/ports.ts";
import type { Store } from "@/core/store.ts";
import type { Studio } from "@/core/studio.ts";
import { countOpen } from "@/db/queries/mod.ts";
import type { Database } from "@/db/sqlite.ts";
import type { ProviderHouse } from "../providers.ts";

export interface HealthParts {
  config: Config;
  db: Pick<Database, "reader">;
  store: Pick<Store, "backends">;
  storage: HouseStorage;
  clock: Clock;
  wake: WakeBus;
  providers: Pick<ProviderHouse, "health">;
}

export function healthOf(
  { config, db, store, storage, clock, wake, providers }: HealthParts,
): Studio["health"] {
  return {
    async db() {
      const counts = await countOpen(db.reader);
      return {
        state: "ok",
        note:
          `${counts.liveJobs} live jobs, ${counts.openMail} open mail, ${counts.deadletters} dead letters`,
      };
    },
    kv: () =>
      Promise.resolve(
        config.WAKE.includes("kv") && wake ? { state: "ok", note: config.WAKE } : { state: "not_configured" },
      ),
    async comfy() {
      const rows = (await store.backends()).filter((row) => row.status !== "drain");
      const up = rows.filter((row) => row.status === "up").length;
      const held = rows.filter(({ faring }) => faring && faring.heldUntil !== null).length;
      const state = up === 0 ? "down" : up < rows.length || held > 0 ? "degraded" : "ok";
      const note = `${up} of ${rows.length} servers up${held > 0 ? `, ${held} on hold` : ""}`;
      return { state, note };
    },
    async storage() {
      // Whatever holds the files must answer; that there is none of this name is an answer.
      await storage.stat(`${"0".repeat(64)}.bin`);
      const free = await storage.freeBytes();
      const low = free !== null && free < config.DISK_MIN_GB * 1e9;
      return {
        state: low ? "degraded" : "ok",
        note: [
          free === null ? "free space unknown" : `${Math.round(free / 1e9)} GB free`,
          ...(config.STORAGE_URL === "" ? [] : [config.STORAGE_URL]),
        ].join(", "),
      };
    },
    async media() {
      const found = await describeMedia({
        choice: config.MEDIA_ENGINE,
        ffmpegPath: config.FFMPEG_PATH,
        clock,
      });
      return {
        state: found.engine === null ? "down" : "ok",
        note: `${found.engine ?? "none"} ${found.version}: ${found.reason}`,
      };
    },
    ...providers.health,
  };
}
