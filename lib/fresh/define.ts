/** Helpers that give route files their types and do nothing else. */
import type { Define, PageResponse } from "./types.ts";

/** `define.handlers`, `define.page`, `define.layout` and `define.middleware` for one kind of state. */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (component) => component,
    layout: (component) => component,
    middleware: (middleware) => middleware,
  };
}

/** Has the page of this file rendered with data. */
export function page(): PageResponse<undefined>;
export function page<Data>(
  data: Data,
  options?: { status?: number; headers?: HeadersInit },
): PageResponse<Data>;
export function page(
  data?: unknown,
  options: { status?: number; headers?: HeadersInit } = {},
): PageResponse<unknown> {
  return { data, ...options };
}
