/** What operators do in a real browser without scripts: a server comes and goes, the studio is drained and opened. */
import { assertEquals } from "@/tests/assert.ts";
import { serveFacts } from "@/tests/rig/telling_server.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";
import { journeys, PHONE, type Visit } from "./rig.ts";

const journey = journeys();

journey(
  "without scripts and on a phone, an operator adds a server, edits and removes it, drains the studio and opens it again",
  async (visit) => {
    await serverComesAndGoes(visit);
    await studioIsDrained(visit);
  },
  { signedIn: true, scripts: false, viewport: PHONE },
);

async function serverComesAndGoes({ page, person }: Visit): Promise<void> {
  const { definitions } = await readShelf();
  await using server = serveFacts(definitions);
  await page.goto("/admin");
  await page.getByRole("link", { name: "Add a server" }).click();
  await page.getByLabel("Address").fill(server.url);
  await page.getByLabel("Name").fill("Lab");
  await page.getByRole("button", { name: "Try" }).click();
  await page.getByText("It answers.", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("The server was added.").waitFor();
  await page.getByRole("link", { name: "Edit Lab" }).click();
  await page.getByLabel("Tags").fill("fast lab");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  const { items } = await (await person.send("GET", "/admin/backends")).json();
  const lab = items.find(({ name }: { name: string | null }) => name === "Lab");
  assertEquals([lab.url, lab.tags], [server.url, ["fast", "lab"]]);
  await page.getByRole("link", { name: "Edit Lab" }).click();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByText("The server is gone.").waitFor();
}

async function studioIsDrained({ page }: Visit): Promise<void> {
  await page.getByLabel("A word for everybody").fill("New cards.");
  await page.getByRole("button", { name: "Drain the studio" }).click();
  for (const path of ["/dashboard", "/library", "/admin"]) {
    await page.goto(path);
    await page.getByText(/The studio is being looked after\..*New cards\./).waitFor();
  }
  await page.getByRole("button", { name: "Open the studio again" }).click();
  await page.getByText("The studio works again.").waitFor();
}
