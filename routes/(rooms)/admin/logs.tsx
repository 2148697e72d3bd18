/** For operators: the newest lines of the log, by one id from the click to the prompt on a server. */
import { page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { SelectField } from "@/components/select_field.tsx";
import { TextField } from "@/components/text_field.tsx";
import { KEPT_LINES, LOG_LEVELS, type LogLevel, type LogLine } from "@/core/logs.ts";
import { insight as words } from "@/core/words/insight.ts";
import { read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";

interface Shown {
  lines: LogLine[];
  ids: string[];
  id: string;
  least: LogLevel;
  now: number;
}

const HERE = "/admin/logs";

export const handler = define.handlers({
  async GET(ctx) {
    const asked = ctx.url.searchParams;
    const id = (asked.get("id") ?? "").trim().slice(0, 200);
    const least = LOG_LEVELS.find((level) => level === asked.get("least")) ?? "info";
    const query = new URLSearchParams({ ...(id ? { id } : {}), least });
    const { items, ids } = await read<{ items: LogLine[]; ids: string[] }>(ctx, `/api/admin/logs?${query}`);
    return page<Shown>({ lines: items, ids, id, least, now: ctx.state.studio.clock.now() });
  },
});

export default define.page<typeof handler>(({ data: { lines, ids, id, least, now } }) => (
  <AdminFrame here={HERE} now={now}>
    <p class="small second">{words.logs.about(KEPT_LINES)}</p>
    <form method="get" action={HERE} class="bring">
      <TextField name="id" label={words.logs.id} value={id} hint={words.logs.idHint} autocomplete="off" />
      <SelectField name="least" label={words.logs.least} options={words.logs.levels} value={least} />
      <button class="btn slim" type="submit">{words.logs.go}</button>
    </form>
    {ids.length > 1 && <p class="tiny quiet mono">{words.logs.kin(ids.slice(1).join(", "))}</p>}
    {lines.length === 0
      ? <p class="empty">{words.logs.empty}</p>
      : (
        <ol class="plain variables log" aria-label={words.logs.title}>
          {lines.map((line, at) => (
            <li key={`${line.at} ${at}`}>
              <p>
                <span class={line.level === "error" || line.level === "warn" ? "tag bad" : "tag"}>
                  {line.level}
                </span>{" "}
                {line.text}
                <span class="tiny quiet num">{` ${line.at}`}</span>
              </p>
              <p class="tiny mono">
                {Object.entries(line.fields).filter(([, value]) => value !== null).map(([name, value]) => (
                  <span key={name}>{`${name}=${value} `}</span>
                ))}
              </p>
            </li>
          ))}
        </ol>
      )}
    <section aria-labelledby="report" class="stack">
      <h2 id="report" class="label">{words.report.title}</h2>
      <p class="small second">{words.report.about}</p>
      <p>
        <a class="btn slim" href="/api/admin/diagnostics" download>{words.report.go}</a>
      </p>
    </section>
  </AdminFrame>
));
