/** Trace context of actors and effects, so that a trace goes on where a process ended. */
import type { Migration } from "./kit.ts";

export const traces: Migration = {
  name: "0019_trace",
  async up(kit) {
    for (const table of ["actor", "effect"]) {
      await kit.on.schema.alterTable(table).addColumn("trace", "text").execute();
    }
  },
};
