/** The port of tracing: what belongs to one deed of a person, through every process that works on it. */

/** Without a collector nothing is traced, and all of it is free. */
export interface Tracing {
  /** W3C context of what runs now; null when nothing is traced. */
  current(): string | null;
  /** Runs work as a span beneath this context. */
  span<T>(
    span: { name: string; parent: string | null; facts: Record<string, string | number> },
    work: () => Promise<T>,
  ): Promise<T>;
}
