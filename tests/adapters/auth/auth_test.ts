/** Password hashes, tokens and token buckets. */
import { makeLimiter } from "@/adapters/auth/limiter.ts";
import { COST, makePasswords } from "@/adapters/auth/passwords.ts";
import { makeStartCode, makeTokenHash } from "@/adapters/auth/tokens.ts";
import { Secret } from "@/core/config.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { FakeClock } from "@/tests/api/fake_studio.ts";

const cheap = makePasswords({ logN: 4, r: 8, p: 1 });

Deno.test("[AX2] the same password twice gives two salted scrypt hashes, and both verify", async () => {
  const strong = makePasswords();
  const [a, b] = [await strong.hash("correct horse"), await strong.hash("correct horse")];
  assert(a !== b);
  assertMatch(a, /^\$scrypt\$ln=16,r=8,p=2\$[\w-]{22}\$[\w-]{43}$/);
  assert(!a.includes("correct"));
  assertEquals([await strong.verify("correct horse", a), await strong.verify("correct horse", b)], [
    true,
    true,
  ]);
  assertEquals(await strong.verify("correct horsf", a), false);
  assert(2 ** COST.logN * COST.r * 128 >= 64 * 1024 * 1024, "less than 64 MiB per guess");
});

Deno.test("a hash made with other parameters still verifies", async () => {
  const stored = await cheap.hash("correct horse");
  assertEquals(await makePasswords({ logN: 5, r: 4, p: 1 }).verify("correct horse", stored), true);
});

Deno.test("the same letters typed in another Unicode form are the same password", async () => {
  assertEquals(await cheap.verify("Cafe\u0301 am Hafen", await cheap.hash("Café am Hafen")), true);
});

Deno.test("a damaged hash verifies nothing", async () => {
  for (const stored of ["", "plain", "$scrypt$ln=4,r=8,p=1$$", "$argon2id$v=19$m=1,t=1,p=1$AA$AA"]) {
    assertEquals(await cheap.verify("plain", stored), false);
  }
  assertEquals(await cheap.refuse("anything"), false);
});

Deno.test("a token's hash depends on the studio's secret", () => {
  const [a, b] = [makeTokenHash(new Secret("one")), makeTokenHash(new Secret("two"))];
  assert(a("token") !== b("token"));
  assertEquals(a("token"), a("token"));
  assertMatch(a("token"), /^[0-9a-f]{64}$/);
});

Deno.test("a start code can be read aloud and is new each time", () => {
  const [a, b] = [makeStartCode(), makeStartCode()];
  assertMatch(a, /^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/);
  assert(a !== b);
});

Deno.test("a bucket gives its tries at once, then one each refill, and says how long to wait", () => {
  const clock = new FakeClock();
  const limiter = makeLimiter(clock);
  const bucket = { size: 3, refillMs: 1000 };
  const take = () => limiter.take("key", bucket);
  assertEquals([take(), take(), take(), take()], [0, 0, 0, 1000]);
  clock.advance(400);
  assertEquals(take(), 600);
  clock.advance(600);
  assertEquals([take(), take()], [0, 1000]);
  clock.advance(3_600_000);
  assertEquals([take(), take(), take(), take() > 0], [0, 0, 0, true]);
  assertEquals(limiter.take("other", bucket), 0);
  limiter.clear("key");
  assertEquals(take(), 0);
});
