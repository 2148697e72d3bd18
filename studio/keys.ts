/** The studio's own secrets: from the environment, or made on first start and kept with the data, readable by its owner alone. */
import { z } from "zod";
import { type Config, Secret } from "@/core/config.ts";
import { fail } from "@/core/problem.ts";

export interface Keys {
  /** Encrypts stored secrets. */
  secretKey: Secret;
  /** Signs session tokens. */
  sessionSecret: Secret;
}

const KEY_LENGTH_MIN = 32;

const Kept = z.strictObject({ SECRET_KEY: z.string().min(32), SESSION_SECRET: z.string().min(32) });

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || host.startsWith("127.");
}

/** Throws studio.config with the variable's name when the studio is exposed and a key is missing. */
export async function loadKeys(config: Config, newToken: (bytes: number) => string): Promise<Keys> {
  const missing = (["SECRET_KEY", "SESSION_SECRET"] as const).filter((name) => config[name] === null);
  if (missing.length > 0 && !isLoopback(config.HOST)) {
    const message = `Cannot start on ${config.HOST}: set ${
      missing.join(" and ")
    } (at least 32 random characters each)`;
    throw fail("studio.config", { message, operator: message });
  }
  for (const name of ["SECRET_KEY", "SESSION_SECRET"] as const) {
    const key = config[name];
    if (key === null || key.reveal().length >= KEY_LENGTH_MIN) continue;
    const message = `Cannot start: ${name} must have at least ${KEY_LENGTH_MIN} characters`;
    throw fail("studio.config", { message, operator: message });
  }
  const kept = missing.length > 0 ? await keepKeys(`${config.DATA_DIR}/keys.json`, newToken) : null;
  return {
    secretKey: config.SECRET_KEY ?? new Secret(kept?.SECRET_KEY ?? ""),
    sessionSecret: config.SESSION_SECRET ?? new Secret(kept?.SESSION_SECRET ?? ""),
  };
}

async function keepKeys(path: string, newToken: (bytes: number) => string): Promise<z.infer<typeof Kept>> {
  try {
    return Kept.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) {
      const message =
        `Cannot read ${path}: it must hold SECRET_KEY and SESSION_SECRET. Restore it from a backup`;
      throw fail("studio.config", { message, operator: message }, thrown);
    }
  }
  const made = { SECRET_KEY: newToken(32), SESSION_SECRET: newToken(32) };
  await Deno.writeTextFile(path, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, createNew: true });
  return made;
}
