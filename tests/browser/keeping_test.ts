/** How long things are kept, in a real browser without scripts: an owner says it of a project, the operator of all. */
import { assertEquals } from "@/tests/assert.ts";
import { journeys, PHONE } from "./rig.ts";

const journey = journeys();

journey(
  "without scripts and on a phone, days are set for a project on its page and at the storage page",
  async ({ page, person, expect }) => {
    expect(/422 POST/);
    await page.goto("/projects");
    await page.getByLabel("Name").fill("Harbour");
    await page.getByRole("button", { name: "Make the project" }).click();
    await page.getByText("Edit", { exact: true }).click();
    const { items: [made] } = await (await person.send("GET", "/projects")).json();
    await page.getByLabel("Pieces of finished films").fill("-3");
    await page.getByRole("button", { name: "Save the days" }).click();
    await page.getByText("Must be at least 0.").waitFor();
    assertEquals(await page.getByLabel("Pieces of finished films").inputValue(), "-3");
    await page.getByLabel("Pieces of finished films").fill("7");
    await page.getByRole("button", { name: "Save the days" }).click();
    await page.getByText("Saved.").waitFor();
    await page.goto("/admin/storage");
    await page.getByRole("link", { name: "Harbour" }).click();
    assertEquals(await page.getByLabel("Pieces of finished films").inputValue(), "7");
    await page.getByLabel("Drafts").fill("2");
    await page.getByRole("button", { name: "Save the days" }).click();
    await page.getByText("Saved. It holds from now on.").waitFor();
    const { keep } = await (await person.send("GET", `/projects/${made.id}`)).json();
    assertEquals(keep, { pieces: 7, drafts: 2 });
  },
  { signedIn: true, scripts: false, viewport: PHONE },
);
