/** Rows that nobody can change behind the store's back: whoever tries gets a TypeError. */

/** Freezes a value and all that it holds, in place. What is already frozen is taken to be frozen throughout. */
export function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
