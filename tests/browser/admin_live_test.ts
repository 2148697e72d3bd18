/** The operators' pool in a real browser: it shows what changes while somebody looks. */
import { journeys } from "./rig.ts";

const journey = journeys();

journey(
  "the operators' pool shows what changes without being opened anew, and leaves alone what somebody is at",
  async ({ page, person }) => {
    await page.goto("/admin");
    const card = page.locator(".servers li").first();
    await card.getByText("Up", { exact: true }).waitFor();
    await person.send("POST", "/admin/backends/draft/drain");
    await card.getByText("Draining", { exact: true }).waitFor();
    await card.getByRole("link", { name: "Edit" }).focus();
    await person.send("POST", "/admin/backends/draft/up");
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await card.getByText("Up", { exact: true }).waitFor();
  },
  { signedIn: true },
);
