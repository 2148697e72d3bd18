/** One studio per data folder: two with a renderer of their own would take each other's address from the shared rows. */
import { fail } from "@/core/problem.ts";

/** Holds the folder until released, or until the process ends in whatever way. Throws studio.config when it is taken. */
export async function lockFolder(dir: string): Promise<{ release(): void }> {
  const file = await Deno.open(`${dir}/studio.lock`, { create: true, write: true, read: true });
  if (!await file.tryLock(true)) {
    file.close();
    const message =
      `Cannot start: a studio already runs on ${dir}. Stop it, or give this one another DATA_DIR`;
    throw fail("studio.config", { message, operator: message });
  }
  return { release: () => file.close() };
}

/** Whether somebody holds the folder now. */
export async function isLocked(dir: string): Promise<boolean> {
  try {
    using file = await Deno.open(`${dir}/studio.lock`, { write: true, read: true });
    return !await file.tryLock(true);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}
