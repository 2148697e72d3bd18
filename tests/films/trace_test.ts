/** One trace from a click to the prompt that it leads to, also where the process that took the click was killed in between. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { startDraftRenderer, startStudio } from "@/tests/chaos/processes.ts";
import { until } from "@/tests/db/fixtures.ts";
import { Person } from "@/tests/rig/person.ts";

const Attribute = z.looseObject({
  key: z.string(),
  value: z.looseObject({ stringValue: z.string().optional() }),
});
const Span = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(""),
  name: z.string(),
  attributes: z.array(Attribute).default([]),
});
const Sent = z.looseObject({
  resourceSpans: z.array(z.looseObject({ scopeSpans: z.array(z.looseObject({ spans: z.array(Span) })) }))
    .default([]),
});
type Span = z.infer<typeof Span>;

/** Takes what OpenTelemetry sends over HTTP as JSON. */
function openCollector() {
  const spans: Span[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const text = await request.text();
    if (new URL(request.url).pathname.endsWith("/v1/traces")) {
      for (const { scopeSpans } of Sent.parse(JSON.parse(text)).resourceSpans) {
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
    }
    return new Response("{}", { headers: { "content-type": "application/json" } });
  });
  return { spans, url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}

const addressOf = ({ attributes }: Span) =>
  attributes.find(({ key }) => key === "url.full")?.value.stringValue ?? "";

Deno.test("one trace runs from the click to the prompt, over the death of the process in between", async () => {
  const dir = await Deno.makeTempDir();
  const collector = openCollector();
  const draft = await startDraftRenderer(`${dir}/draft`, { stepMs: 1, accepted: [] });
  const env = {
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "100",
    OTEL_DENO_CONSOLE: "ignore",
  };
  // Nobody is there who could take a prompt, so the click is all that happens.
  let studio = await startStudio(`${dir}/data`, { ...env, DRAFT_URL: "http://127.0.0.1:9" });
  try {
    const job = await (await new Person(studio.url).register()).create({
      mode: "ltx",
      submode: "t2v",
      prompt: "Harbour",
      settings: { seconds: 1, width: 320, height: 320 },
    });
    const clicks = () =>
      collector.spans.filter((span) => span.name === "POST" && addressOf(span).endsWith("/api/jobs"));
    await until(() => Promise.resolve(clicks().length > 0));
    studio.signal("SIGKILL");
    await studio.gone;
    const before = collector.spans.length;
    studio = await startStudio(`${dir}/data`, { ...env, DRAFT_URL: draft.url });
    const prompts = () =>
      collector.spans.slice(before).filter((span) =>
        span.name === "POST" && addressOf(span).startsWith(draft.url) && addressOf(span).endsWith("/prompt")
      );
    await until(() => Promise.resolve(prompts().length > 0));
    const effects = () =>
      collector.spans.slice(before).filter((span) => span.name === "effect ensure_prompt");
    await until(() => Promise.resolve(effects().length > 0));
    const [click, effect, prompt] = [clicks()[0], effects()[0], prompts()[0]];
    assert(click && effect && prompt);
    assertEquals([effect.traceId, prompt.traceId], [click.traceId, click.traceId]);
    assertEquals([effect.parentSpanId, prompt.parentSpanId], [click.spanId, effect.spanId]);
    const named = effect.attributes.find(({ key }) => key === "animatrix.job")?.value.stringValue;
    assertEquals(named, job.id);
  } finally {
    studio.signal("SIGTERM");
    draft.signal("SIGTERM");
    await Promise.all([studio.gone, draft.gone, collector.close()]);
    await Deno.remove(dir, { recursive: true });
  }
});
