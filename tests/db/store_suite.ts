/** One suite for every store: `testStore` runs it on the one that is opened. */
import { admissionRules } from "./suite/admission.ts";
import { effectsRules } from "./suite/effects.ts";
import type { Harness } from "./suite/harness.ts";
import { mailRules } from "./suite/mail.ts";
import { slotsRules } from "./suite/slots.ts";
import { turnsRules } from "./suite/turns.ts";

export function testStore(name: string, open: () => Promise<Harness>): void {
  const rules = { ...mailRules, ...turnsRules, ...effectsRules, ...slotsRules, ...admissionRules };
  for (const [rule, check] of Object.entries(rules)) {
    Deno.test(`${name}: ${rule}`, async () => {
      const harness = await open();
      try {
        await check(harness);
      } finally {
        await harness.close();
      }
    });
  }
}
