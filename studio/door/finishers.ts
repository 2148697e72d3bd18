/** Which models finish films: those that a render server which answers has everything for. */
import type { PlanContext } from "@/core/planners/mod.ts";
import { standingFor, wantsOf } from "@/core/preflight.ts";
import { newest } from "@/core/workflow/versions.ts";
import type { BackendRow } from "@/core/store.ts";
import type { Definitions, Template } from "@/core/template.ts";
import type { Facts } from "../facts.ts";

type Finisher = NonNullable<PlanContext["finisher"]>;

const SUBMODES = { interpolate: "frames", upscale: "size" };

/** As the servers are now; what a server has not told yet is not counted on. */
export function finisherBy(
  rows: BackendRow[],
  { templates, definitions, facts }: {
    templates: Template[];
    definitions: Definitions;
    facts: Pick<Facts, "of">;
  },
): Finisher {
  const up = rows.filter((row) => row.engine === "comfy" && row.status === "up");
  return (what) => {
    const fitting = newest(templates).filter(({ manifest }) =>
      manifest.mode === "finish" && manifest.submode === SUBMODES[what]
    );
    return fitting.find((template) => {
      const wants = wantsOf(template, definitions);
      return up.some((row) => ["whole", "enough"].includes(standingFor(wants, facts.of(row))));
    }) ?? null;
  };
}
