/** Sets the content security policy on every answer, error pages included. */
import { Context } from "./context.ts";
import type { Middleware } from "./types.ts";

export interface CSPOptions {
  /** Directives that replace the ones of the same name, or come on top. */
  csp?: string[];
  /** Only report what the policy would refuse. */
  reportOnly?: boolean;
}

const DIRECTIVES = [
  "default-src 'self'",
  "script-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
];

/** Asks browsers to upgrade requests only where the page itself came by https: plain access by address keeps working. */
export function csp<State>(options: CSPOptions = {}): Middleware<State> {
  const directives = new Map<string, string>();
  for (const directive of [...DIRECTIVES, ...(options.csp ?? [])]) {
    directives.set(directive.trim().split(/\s+/)[0] ?? "", directive.trim());
  }
  const policy = [...directives.values()].join("; ");
  const name = options.reportOnly ? "content-security-policy-report-only" : "content-security-policy";
  return (ctx) => {
    const value = ctx.url.protocol === "https:" ? `${policy}; upgrade-insecure-requests` : policy;
    Context.onAnswer(ctx, (headers) => {
      if (!headers.has(name)) headers.set(name, value);
      if (!headers.has("x-content-type-options")) headers.set("x-content-type-options", "nosniff");
      if (!headers.has("referrer-policy")) headers.set("referrer-policy", "same-origin");
    });
    return ctx.next();
  };
}
