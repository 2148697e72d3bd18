/** The few assertions that tests use, over node:assert, so that every failure prints a diff. */
import strict from "node:assert/strict";

export function assert(condition: unknown, message?: string): asserts condition {
  if (message === undefined) strict.ok(condition);
  else strict.ok(condition, message);
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  if (message === undefined) strict.deepStrictEqual(actual, expected);
  else strict.deepStrictEqual(actual, expected, message);
}

/** Returns what was thrown, so that a test can look closer. */
export async function assertRejects(
  run: () => Promise<unknown>,
  check?: (thrown: unknown) => void,
): Promise<unknown> {
  let thrown: unknown;
  try {
    await run();
  } catch (error) {
    thrown = error;
    check?.(error);
    return thrown;
  }
  strict.fail("expected a rejection, but the promise resolved");
}

/** Returns what was thrown, so that a test can look closer. */
export function assertThrows(run: () => unknown, check?: (thrown: unknown) => void): unknown {
  try {
    run();
  } catch (error) {
    check?.(error);
    return error;
  }
  strict.fail("expected a throw, but the function returned");
}

export function assertMatch(text: string, pattern: RegExp): void {
  strict.match(text, pattern);
}
