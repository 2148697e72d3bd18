/** The small judgements in front of the studio: where to go next, and what a browser is called. */
import { browserOf } from "@/core/agent.ts";
import { HOME, safeNext } from "@/core/next.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("[XC23] after signing in one goes on to a page of this studio and nowhere else", () => {
  for (const good of ["/jobs/1", "/library?mode=audio&q=a%20b", "/settings#data", "/", "/login-notes"]) {
    assertEquals(safeNext(good), good);
  }
  const bad = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    " /jobs",
    "jobs/1",
    "/login",
    "/login?next=/login",
    "/logout",
    "/api/jobs",
    `/${"a".repeat(3000)}`,
    "",
    null,
    undefined,
  ];
  for (const wanted of bad) assertEquals([wanted, safeNext(wanted)], [wanted, HOME]);
});

Deno.test("browsers are called by the names that people know", () => {
  const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
  const cases: [string, string, string][] = [
    [`${windows} Chrome/142.0.0.0 Safari/537.36`, "Chrome", "Windows"],
    [`${windows} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`, "Edge", "Windows"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox", "Linux"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
      "Safari",
      "iPhone",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
      "Safari",
      "macOS",
    ],
    [
      "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
      "Chrome",
      "Android",
    ],
    ["curl/8.5.0", "curl", ""],
    ["Deno/2.9.5", "Deno", ""],
    ["", "", ""],
    ["Mozilla/5.0", "", ""],
    ["<script>", "", ""],
  ];
  for (const [agent, browser, system] of cases) {
    assertEquals([agent, browserOf(agent)], [agent, { browser, system }]);
  }
});
