/** Passwords as salted scrypt hashes; the parameters stand in each hash, so that they can be raised later. */
import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { Passwords } from "@/core/studio.ts";

export interface Cost {
  /** log2 of the work factor N; memory is 128 · N · r bytes. */
  logN: number;
  r: number;
  p: number;
}

/** 64 MiB and about a quarter of a second: OWASP's advice for scrypt. */
export const COST: Cost = { logN: 16, r: 8, p: 2 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** `cost` is lowered by tests only. */
export function makePasswords(cost: Cost = COST): Passwords {
  // A key that no password leads to, at the same cost.
  const refused = encode(cost, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));
  return {
    hash: (password) => hashWith(password, { cost, salt: randomBytes(SALT_BYTES) }),
    verify: (password, stored) => verify(password, stored),
    async refuse(password) {
      await verify(password, refused);
      return false;
    },
  };
}

/** `$scrypt$ln=16,r=8,p=2$salt$key` in the manner of the PHC string format. */
async function hashWith(password: string, { cost, salt }: { cost: Cost; salt: Buffer }): Promise<string> {
  return encode(cost, salt, await derive(password, cost, salt));
}

function encode({ logN, r, p }: Cost, salt: Buffer, key: Buffer): string {
  return `$scrypt$ln=${logN},r=${r},p=${p}$${salt.toString("base64url")}$${key.toString("base64url")}`;
}

const STORED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/;

async function verify(password: string, stored: string): Promise<boolean> {
  const parts = stored.match(STORED);
  if (!parts) return false;
  const cost = { logN: Number(parts[1]), r: Number(parts[2]), p: Number(parts[3]) };
  const wanted = Buffer.from(parts[5] ?? "", "base64url");
  const key = await derive(password, cost, Buffer.from(parts[4] ?? "", "base64url"));
  return wanted.length === key.length && timingSafeEqual(wanted, key);
}

/** Unicode is brought to one form first, so that the same letters typed on two keyboards are the same password. */
function derive(password: string, cost: Cost, salt: Buffer): Promise<Buffer> {
  const N = 2 ** cost.logN;
  const options = { N, r: cost.r, p: cost.p, maxmem: 256 * N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
