/** What lies in storage and how much room there is, as operators ask for it. */
import type { Kysely } from "kysely";
import type { HouseStorage } from "@/adapters/storage/mod.ts";
import type { Config } from "@/core/config.ts";
import type { Clock } from "@/core/ports.ts";
import { type Rooms, STORED_KINDS } from "@/core/room.ts";
import { readStored } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";
import { keepFresh } from "./ahead.ts";

export interface RoomParts {
  reader: Kysely<Schema>;
  storage: Pick<HouseStorage, "freeBytes">;
  config: Config;
  clock: Clock;
}

export function openRooms({ reader, storage, config, clock }: RoomParts): Rooms {
  const stored = keepFresh(clock, () => readStored(reader), 0);
  return {
    async read() {
      const { kinds, cameBytes } = await stored();
      const place = config.STORAGE_URL === "" ? "disk" : "bucket";
      return {
        place,
        freeBytes: place === "bucket" ? null : await storage.freeBytes(),
        minBytes: config.DISK_MIN_GB * 1e9,
        kinds: STORED_KINDS.map((kind) =>
          kinds.find((sum) => sum.kind === kind) ?? { kind, files: 0, bytes: 0 }
        ),
        cameBytes,
      };
    },
  };
}
