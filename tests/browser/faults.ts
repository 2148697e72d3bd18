/** Collects everything that goes wrong in a browser: errors of pages and console, refused content, failed requests. */
import type { BrowserContext } from "playwright-core";

export interface Faults {
  /** What went wrong and was not expected, in words. */
  found(): string[];
  expect(pattern: RegExp): void;
  /** Gives what the browser has already begun to say a moment to arrive. */
  settle(): Promise<void>;
}

/** Navigating away or closing a stream ends requests; that is no fault. */
const ENDED = /net::ERR_ABORTED|NS_BINDING_ABORTED/;

export function watchFaults(context: BrowserContext, scripts = true): Faults {
  const seen: string[] = [];
  const expected: RegExp[] = [];
  // The console repeats failed answers without their address; the answer itself says more.
  context.on("console", (message) => {
    if (message.type() !== "error" || /^Failed to load resource/.test(message.text())) return;
    seen.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (event) => {
    seen.push(`page error: ${event.error().stack ?? event.error().message}`);
  });
  context.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "";
    // With scripts off the browser says so by refusing every script.
    if (reason === "csp" && !scripts && request.resourceType() === "script") return;
    if (!ENDED.test(reason)) seen.push(`request failed: ${reason} ${request.method()} ${request.url()}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) {
      seen.push(`${response.status()} ${response.request().method()} ${response.url()}`);
    }
  });
  return {
    found: () => seen.filter((fault) => !expected.some((pattern) => pattern.test(fault))),
    expect: (pattern) => void expected.push(pattern),
    async settle() {
      await Promise.all(context.pages().map((page) => page.evaluate("0").catch(() => {})));
    },
  };
}
