/** What the audit log keeps of facts: everything but what opens something. */
import { withoutSecrets } from "@/core/audit.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("secrets never come into the audit log, by name or inside an address", () => {
  assertEquals(
    withoutSecrets({
      url: "https://op:hunter2@gpu.example/x",
      authHeaderToken: "Bearer x",
      apiKey: "k",
      password: null,
      slots: 2,
      role: "operator",
    }),
    {
      url: "https://[secret]@gpu.example/x",
      authHeaderToken: "[secret]",
      apiKey: "[secret]",
      password: null,
      slots: 2,
      role: "operator",
    },
  );
  assertEquals(withoutSecrets(null), null);
});
