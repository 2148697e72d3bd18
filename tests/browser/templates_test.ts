/** An operator's journey with a graph of their own: refused with its place, put right, taken in, rendered. */
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { templates as words } from "@/core/words/templates.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { assertOpenToAll } from "./conditions.ts";
import type { Person } from "@/tests/rig/person.ts";
import { journeys, PHONE, type Visit, wearSession, WIDE } from "./rig.ts";

const journey = journeys({ stepMs: 1 });
const GRAPH = new URL("../fixtures/graphs/c1_wan22_vace_two_pass.json", import.meta.url);

let operator: Person | null = null;

/** The first account of the studio, in this window. */
async function asOperator({ context, scene }: Visit): Promise<Person> {
  operator ??= await scene.newPerson();
  await wearSession(context, scene.url, operator);
  return operator;
}

type Nodes = Record<string, { class_type: string; inputs: Record<string, unknown> }>;

async function bring(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  await page.goto("/admin/templates");
  await page.getByLabel(words.bring.file).setInputFiles({
    name,
    mimeType: "application/json",
    buffer: Buffer.from(content),
  });
  await page.getByRole("button", { name: words.bring.look }).click();
}

journey(
  "a graph of one's own is looked at, put right, taken in without a restart, and renders",
  async (visit) => {
    const { page, scene } = visit;
    const person = await asOperator(visit);
    const text = await Deno.readTextFile(GRAPH);
    const nodes: Nodes = JSON.parse(text);
    nodes.other = { class_type: "LoadImage", inputs: { image: "pose.png" } };
    const vace = nodes.vace;
    assert(vace);
    vace.inputs.control_video = ["other", 0];
    visit.expect(/^422 POST /);
    await bring(page, "Rain (API).json", JSON.stringify(nodes));
    assertEquals(
      await page.getByRole("heading", { level: 2 }).first().textContent(),
      "custom/rain_api 1.0.0",
    );
    assert((await page.locator(".faults").textContent())?.includes('node "other" reads the file'));
    assertEquals(await page.getByRole("button", { name: words.proposal.accept }).count(), 0);
    await assertOpenToAll(page);

    await page.getByLabel(words.proposal.choose("Pose picture")).selectOption("other.image");
    await page.getByRole("button", { name: words.proposal.again }).click();
    assertEquals(await page.locator(".faults").count(), 0);
    assertEquals(await page.getByLabel(words.proposal.choose("Pose picture")).inputValue(), "other.image");
    for (const size of [PHONE, WIDE]) {
      await page.setViewportSize(size);
      await assertOpenToAll(page);
    }
    await page.getByRole("button", { name: words.proposal.accept }).click();
    await page.waitForURL(/taken=/);
    assert((await page.locator(".note.good").textContent())?.includes("custom/rain_api 1.0.0"));

    const cast = await person.bringCast();
    const made = await person.create({
      mode: "custom",
      submode: "rain_api",
      prompt: "A lighthouse in the rain",
      assets: { image: cast.character, poseSheet: cast.character },
      settings: { width: 256, height: 256, seconds: 0.5 },
    });
    const job = await person.waitForEnd(made.id, 60_000);
    assertEquals([job.status, job.problem], ["completed", null]);
    await page.goto(`${scene.url}/jobs/${made.id}`);
    assert((await page.locator("dl.facts").textContent())?.includes("version 1.0.0"));
  },
);

journey("what is no graph is refused in a sentence, and nothing is kept", async (visit) => {
  const { page } = visit;
  await asOperator(visit);
  visit.expect(/^422 POST /);
  const refused = async (content: string | Uint8Array) => {
    await bring(page, "film.json", content);
    return await page.locator(".faults, .wrong").first().textContent() ?? "";
  };
  assert((await refused('{"nodes":[],"links":[]}')).includes("Export (API)"));
  assert((await refused("no json")).includes("not JSON"));
  assert((await refused(new Uint8Array([0xff, 0xfe, 0x00]))).includes(words.bring.noText));
  assert((await refused(" ".repeat(3_000_000))).includes("larger than 2 MB"));
  await page.goto("/admin/templates");
  assertEquals(await page.getByText("custom/film").count(), 0);
});
