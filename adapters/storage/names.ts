/** Names of stored files: `{sha256}.{ext}`, and nothing that comes from outside ever becomes a path. */
import { fail } from "@/core/problem.ts";

const NAME = /^[0-9a-f]{64}\.[a-z0-9]{1,8}$/;
const EXT = /^[a-z0-9]{1,8}$/;

/** Throws storage.missing: a name of another form belongs to no stored file. */
export function checkName(name: string): string {
  if (!NAME.test(name)) throw fail("storage.missing", { operator: "not a name of stored content" });
  return name;
}

export function isName(name: string): boolean {
  return NAME.test(name);
}

export function checkExt(ext: string): string {
  if (!EXT.test(ext)) {
    throw fail("storage.failed", { retry: "never", operator: `"${ext}" is no file ending` });
  }
  return ext;
}

/** `ab/cd/{name}`, so that no folder grows without bound. */
export function shardOf(name: string): string {
  return `${name.slice(0, 2)}/${name.slice(2, 4)}`;
}
