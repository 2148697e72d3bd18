/** The vault: what is sealed is read again under the same key and purpose, and under no other. */
import { makeVault } from "@/adapters/auth/vault.ts";
import { Secret } from "@/core/config.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

Deno.test("a sealed secret opens under its own key and purpose alone, and not after a change", () => {
  const [one, other] = [new Secret("k".repeat(32)), new Secret("l".repeat(32))];
  const vault = makeVault(one, "webhooks");
  const sealed = vault.seal("whsec_ü");
  assert(!sealed.includes("whsec"));
  assert(sealed !== vault.seal("whsec_ü"));
  assertEquals(vault.open(sealed), "whsec_ü");
  assertEquals(makeVault(other, "webhooks").open(sealed), null);
  assertEquals(makeVault(one, "settings").open(sealed), null);
  const bent = sealed.slice(0, 20) + (sealed[20] === "A" ? "B" : "A") + sealed.slice(21);
  for (const bad of [bent, "v1.", "plain", sealed.slice(0, 30)]) assertEquals(vault.open(bad), null);
});
