/** Tracing by OpenTelemetry. Deno itself collects and sends the spans where `OTEL_DENO` is set; else all of this does nothing. */
import { context, isSpanContextValid, type SpanContext, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Tracing } from "@/core/tracing.ts";

const CONTEXT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export function openTracing(): Tracing {
  const tracer = trace.getTracer("animatrix");
  return {
    current() {
      const found = trace.getActiveSpan()?.spanContext();
      return found && isSpanContextValid(found) ? written(found) : null;
    },
    span: ({ name, parent, facts }, work) => {
      const from = read(parent);
      const within = from ? trace.setSpanContext(context.active(), from) : context.active();
      return tracer.startActiveSpan(name, { attributes: facts }, within, async (span) => {
        try {
          return await work();
        } catch (thrown) {
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw thrown;
        } finally {
          span.end();
        }
      });
    },
  };
}

/** As W3C writes it in `traceparent`. */
function written({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

function read(text: string | null): SpanContext | null {
  const [, traceId, spanId, flags] = CONTEXT.exec(text ?? "") ?? [];
  if (!traceId || !spanId || !flags) return null;
  return { traceId, spanId, traceFlags: parseInt(flags, 16), isRemote: true };
}
