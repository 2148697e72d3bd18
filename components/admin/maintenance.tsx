/** Maintenance as operators begin and end it: what still runs, and the word for everybody. */
import type { ShownMaintenance } from "@/core/shown_admin.ts";
import { when } from "@/core/words/format.ts";
import { maintenance as words } from "@/core/words/maintenance.ts";
import { TextField } from "../text_field.tsx";

export interface MaintenancePanelProps {
  shown: ShownMaintenance;
  now: number;
  wrong?: string;
}

export function MaintenancePanel({ shown: { maintenance, underWay }, now, wrong }: MaintenancePanelProps) {
  return (
    <section aria-labelledby="maintenance">
      <h2 id="maintenance" class="label">{words.title}</h2>
      <p class="small second">
        {maintenance === null
          ? words.about
          : `${words.on(when(Date.parse(maintenance.since), now))} ${words.still(underWay)}`}
      </p>
      <form method="post" action="/admin" class="stack narrow">
        <TextField
          name="note"
          label={words.note}
          value={maintenance?.note ?? ""}
          hint={words.noteHint}
          wrong={wrong}
          autocomplete="off"
          maxLength={200}
        />
        <div class="row">
          <button class="btn slim" type="submit" name="act" value="drained">
            {maintenance === null ? words.begin : words.change}
          </button>
          {maintenance !== null && (
            <button class="btn slim go" type="submit" name="act" value="opened">{words.end}</button>
          )}
        </div>
      </form>
    </section>
  );
}
