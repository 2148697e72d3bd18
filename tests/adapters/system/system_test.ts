/** The system's clock, ids, hash and log. */
import { systemClock } from "@/adapters/system/clock.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { openLog } from "@/adapters/system/log.ts";
import type { LogLevel as Level, LogLine } from "@/core/logs.ts";
import { Secret } from "@/core/config.ts";
import { Id, PromptId } from "@/core/ids.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "@/tests/assert.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";

function logLines(options: { level?: Level; format?: "json" | "pretty"; secrets?: Secret[] } = {}) {
  const lines: string[] = [];
  const log = openLog({
    level: options.level ?? "debug",
    format: options.format ?? "json",
    secrets: options.secrets,
    clock: new ManualClock(0),
    write: (line) => lines.push(line),
  });
  return { log, lines };
}

Deno.test("a sleep ends when its signal aborts, with the signal's reason", async () => {
  const clock = systemClock();
  const reason = new Error("Enough");
  const control = new AbortController();
  const sleep = clock.sleep(60_000, control.signal);
  control.abort(reason);
  assertEquals(await assertRejects(() => sleep), reason);
  assertEquals(await assertRejects(() => clock.sleep(60_000, control.signal)), reason);
});

Deno.test("a sleep takes at least its time", async () => {
  const clock = systemClock();
  const before = clock.monotonic();
  const sleep = clock.sleep(20);
  // Timers of the studio do not hold the process, so the test does.
  const hold = setTimeout(() => {}, 5000);
  await sleep;
  clearTimeout(hold);
  assert(clock.monotonic() - before >= 19);
});

Deno.test("row ids are ordered by time, prompt ids are canonical, tokens have their length and no special letters", () => {
  const ids = systemIds();
  const rows = Array.from({ length: 500 }, () => Id.parse(ids.uuid7()));
  assertEquals(rows, rows.toSorted());
  assertEquals(PromptId.safeParse(ids.uuid4()).success, true);
  assertMatch(ids.token(32), /^[A-Za-z0-9_-]{43}$/);
  assert(ids.token(32) !== ids.token(32));
});

Deno.test("the hash is SHA-256 in lower-case hex", () => {
  assertEquals(
    sha256(new TextEncoder().encode("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("a JSON line carries time, level, text and fields", () => {
  const { log, lines } = logLines();
  log.info("slot granted", { job: "j1", n: 0, level: "mine" });
  assertEquals(lines.map((line) => JSON.parse(line)), [
    { job: "j1", n: 0, level: "info", at: "1970-01-01T00:00:00.000Z", text: "slot granted" },
  ]);
});

Deno.test("a pretty line is one line, whatever its fields hold", () => {
  const { log, lines } = logLines({ format: "pretty" });
  log.warn("effect failed", { code: "comfy.lost", error: "first\nsecond", none: undefined });
  assertEquals(lines, ['00:00:00.000 WARN  effect failed code=comfy.lost error="first\\nsecond"']);
});

Deno.test("lines below the level are left out", () => {
  const { log, lines } = logLines({ level: "warn" });
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assertEquals(lines.map((line) => JSON.parse(line).text), ["c", "d"]);
});

Deno.test("the log hides fields that are named like secrets and values that are known to be secret", () => {
  const { log, lines } = logLines({ secrets: [new Secret("hunter2-hunter2")] });
  log.info("signed in", {
    password: "a",
    sessionToken: "b",
    clientSecret: "c",
    Authorization: "d",
    apiKey: "e",
    user: "ada",
  });
  log.error("request failed", { error: "GET https://x.example/?key=hunter2-hunter2 answered 500" });
  const [first, second] = lines.map((line) => JSON.parse(line));
  for (const name of ["password", "sessionToken", "clientSecret", "Authorization", "apiKey"]) {
    assertEquals(first[name], "[secret]");
  }
  assertEquals(first.user, "ada");
  assertEquals(second.error, "GET https://x.example/?key=[secret] answered 500");
});

Deno.test("a secret with quotes is struck out, one within another too, and one that is very short spoils no line", () => {
  const secrets = ['pa"ss\\word"1', "abcdefgh", "abcdefgh-and-more", "1", "0", '"', "true", ":", ""];
  for (const format of ["json", "pretty"] as const) {
    const lines: string[] = [];
    const kept: LogLine[] = [];
    const log = openLog({
      level: "debug",
      format,
      secrets: secrets.map((value) => new Secret(value)),
      clock: new ManualClock(0),
      write: (line) => lines.push(line),
      keep: (line) => kept.push(line),
    });
    log.info(`tried ${secrets[0]} here`, { n: 10, fine: true, error: `with ${secrets[0]}, ${secrets[2]}` });
    assertEquals(kept, [{
      at: "1970-01-01T00:00:00.000Z",
      level: "info",
      text: "tried [secret] here",
      fields: { n: 10, fine: true, error: "with [secret], [secret]" },
    }]);
    assertEquals(
      lines,
      format === "json"
        ? [JSON.stringify({ ...kept[0]?.fields, at: kept[0]?.at, level: "info", text: kept[0]?.text })]
        : ['00:00:00.000 INFO  tried [secret] here n=10 fine=true error="with [secret], [secret]"'],
    );
  }
});
