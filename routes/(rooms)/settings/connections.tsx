/** Settings: what this studio is connected to, and what is not configured. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { z } from "zod";
import { SettingsFrame } from "@/components/settings_frame.tsx";
import { settings } from "@/core/words/settings.ts";
import { shell } from "@/core/words/shell.ts";
import { ask } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";

const PartState = z.enum(["ok", "degraded", "down", "not_configured", "not_tried"]);
const Health = z.looseObject({
  parts: z.record(z.string(), z.object({ state: PartState, note: z.string().optional() })),
});

const words = settings.connections;
const DOTS: Record<z.infer<typeof PartState>, string> = {
  ok: "dot",
  degraded: "dot now",
  down: "dot bad",
  not_configured: "dot off",
  not_tried: "dot off",
};

export const handler = define.handlers({
  /** A studio in which a vital part is down says so too: its answer is read whatever its status. */
  async GET(ctx) {
    const answer = await ask<unknown>(ctx, "/api/health");
    const { parts } = Health.parse(answer.ok ? answer.body : answer.problem);
    return page({ parts, isOperator: ctx.state.user?.role === "operator" });
  },
});

export default define.page<typeof handler>(({ data: { parts, isOperator } }) => (
  <SettingsFrame here="/settings/connections">
    <Head>
      <title>{shell.title(settings.parts.connections)}</title>
    </Head>
    <section>
      <h2>{words.title}</h2>
      <p class="second small">{words.text}</p>
      <ul class="plain rows">
        {inOrder(parts).map(([name, { state, note }]) => {
          const part = words.parts[name] ?? { title: name, text: "" };
          const hint = isOperator && state === "not_configured" && part.set;
          return (
            <li>
              <i class={DOTS[state]} aria-hidden="true"></i>
              <div>
                <p>{part.title}</p>
                <p class="small quiet">
                  <span>{part.text}</span>
                  {hint ? <span>{words.operatorHint(hint)}</span> : note && <span>{note}</span>}
                </p>
              </div>
              <span class={state === "not_configured" ? "small quiet" : "small"}>{words.states[state]}</span>
            </li>
          );
        })}
      </ul>
    </section>
  </SettingsFrame>
));

/** Parts that have words first, in the order of the words. */
function inOrder(parts: z.infer<typeof Health>["parts"]) {
  const known = Object.keys(words.parts);
  const place = (name: string) => (known.indexOf(name) + known.length + 1) % (known.length + 1);
  return Object.entries(parts).sort(([a], [b]) => place(a) - place(b));
}
