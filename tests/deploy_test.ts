/** What lies in deploy/ for operators agrees with the code: every setting reaches the container, every alert watches a figure. */
import { VARIABLES } from "@/core/config.ts";
import { FAMILIES } from "@/core/metrics.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

Deno.test("the container of compose.yaml gets every setting of .env, and says no more itself than what it is", async () => {
  const text = await Deno.readTextFile("deploy/compose.yaml");
  const [, studio = ""] = /^ {2}studio:\n([^]*?)^ {2}\w/m.exec(text) ?? [];
  assert(/^ {4}env_file: \.\.\/\.env$/m.test(studio), "all of .env goes in");
  const [, own = ""] = /^ {4}environment:\n((?: {6}.*\n)+)/m.exec(studio) ?? [];
  const named = [...own.matchAll(/^ {6}(\w+):/gm)].map(([, name]) => name ?? "");
  assertEquals(named.filter((name) => !Object.hasOwn(VARIABLES, name)), []);
  const said = [
    "HOST",
    "PORT",
    "DATA_DIR",
    "PUBLIC_URL",
    "PROXIES",
    "SECRET_KEY",
    "SESSION_SECRET",
    "REGISTRATION",
  ];
  assertEquals(named, said, "anything else here would silence .env");
});

Deno.test("alerts name figures that there are, and say what to do", async () => {
  const text = await Deno.readTextFile("deploy/alerts.yml");
  const rules = text.split("- alert: ").slice(1);
  assert(rules.length >= 6);
  for (const rule of rules) {
    const named = [...rule.matchAll(/animatrix_\w+/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, "")
    );
    assertEquals(named.filter((name) => !Object.hasOwn(FAMILIES, name)), [], rule);
    assert(/^\s+summary: \S/m.test(rule), rule);
  }
});
