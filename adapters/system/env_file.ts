/** Settings from a file `.env` in the working folder; what the process was given itself wins. */
import { parseEnv } from "node:util";

/** Sets what is not set yet, so that child processes inherit it too. A missing file is no fault. */
export function loadEnvFile(path = ".env"): void {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return;
    throw thrown;
  }
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value !== undefined && Deno.env.get(name) === undefined) Deno.env.set(name, value);
  }
}
