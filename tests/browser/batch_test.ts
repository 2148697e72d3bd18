/** The contact sheet in a real browser: judged by keys, live, without a script; and a draft made for good beside its final film. */
import { z } from "zod";
import { batches as words } from "@/core/words/batches.ts";
import { kin } from "@/core/words/kin.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { until } from "@/tests/actors/runtime/quiet.ts";
import type { Person } from "@/tests/rig/person.ts";
import { openDraft } from "@/tests/rig/rig.ts";
import { assertOpenToAll } from "./conditions.ts";
import { journeys, untilLive, type Visit } from "./rig.ts";

/** Where a second draft renderer will answer, configured as if it were a ComfyUI. */
const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const SERVER_PORT = probe.addr.port;
probe.close();

const journey = journeys({ stepMs: 20, env: { COMFY_URLS: `http://127.0.0.1:${SERVER_PORT}` } });

const Made = z.object({ items: z.array(z.looseObject({ id: z.string() })), batchId: z.string() });
const Marked = z.looseObject({ mark: z.string().nullable() });

let seed = 0;
async function makeBatch(person: Person, more: Record<string, unknown> = {}): Promise<z.infer<typeof Made>> {
  const cast = await person.bringCast();
  return await person.json(Made, "POST", "/jobs", {
    mode: "audio",
    prompt: "Mika sings in {fog|rain|snow}",
    assets: { groundTruth: cast.character, audio: cast.voice },
    settings: {
      seconds: 0.5,
      width: 320,
      height: 320,
      preset: "fast",
      engine: "draft",
      seed: String(++seed),
    },
    ...more,
  });
}

const markOf = async ({ person }: Visit, id: string | undefined) =>
  (await person.json(Marked, "GET", `/jobs/${id}`)).mark;

const cards = async ({ page }: Visit) =>
  await page.locator(".sheet > li").evaluateAll((items) => items.map(({ id }) => id.replace("take-", "")));

const focused = async ({ page }: Visit) =>
  await page.evaluate(() => document.activeElement?.closest("li")?.id.replace("take-", "") ?? null);

journey(
  "takes are kept and rejected with one key, arrows lead from one to the next, and a reload keeps it",
  async (visit) => {
    const { page, person } = visit;
    const { items, batchId } = await makeBatch(person);
    const [fog, rain, snow] = items.map(({ id }) => id);
    for (const { id } of items) await person.waitForEnd(id, 60_000);
    await visit.open(`/batches/${batchId}`);
    assertEquals(await cards(visit), [fog, rain, snow]);
    await page.locator(`#take-${fog} a`).focus();
    await page.keyboard.press("ArrowRight");
    assertEquals(await focused(visit), rain);
    await page.keyboard.press("k");
    await until(async () => await markOf(visit, rain) === "starred");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("r");
    await until(async () => await markOf(visit, fog) === "rejected");
    await until(async () => (await cards(visit)).join() === [rain, snow].join());
    assertEquals(await focused(visit), rain, "what leaves hands the focus on");
    await page.keyboard.press("k");
    await until(async () => await markOf(visit, rain) === null);
    await page.reload();
    await untilLive(page);
    assertEquals(await cards(visit), [rain, snow]);
    await page.getByRole("link", { name: words.showRejects(1) }).click();
    await page.locator(`#take-${fog}`).waitFor();
    assertEquals(await cards(visit), [fog, rain, snow]);
    await page.getByRole("button", { name: `${words.keep}: ${words.take(3)}` }).click();
    await until(async () => await markOf(visit, snow) === "starred");
    await assertOpenToAll(page);
  },
  { signedIn: true },
);

journey(
  "a sheet follows its takes while they are made, and cancels those that wait with one button",
  async (visit) => {
    const { page, person, scene } = visit;
    await scene.draft.obey({ do: "next", fault: "slow", value: 60_000, count: 20 });
    const { items, batchId } = await makeBatch(person, { count: 2 });
    await visit.open(`/batches/${batchId}`);
    const cancel = page.locator('button[value="cancel"]');
    await cancel.waitFor();
    await cancel.click();
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll(".sheet small")].some((line) =>
          /Cancelled/.test(line.textContent ?? "")
        ),
    );
    await scene.draft.obey({ do: "clear" });
    for (const { id } of items) await person.command(id, "cancel").catch(() => {});
    for (const { id } of items) await person.waitForEnd(id, 60_000);
    await page.waitForFunction(
      (count) =>
        [...document.querySelectorAll(".sheet small")].filter((line) =>
          /Cancelled|0:/.test(line.textContent ?? "")
        )
          .length === count,
      items.length,
    );
  },
  { signedIn: true },
);

journey("without a script the sheet is read and judged by forms", async (visit) => {
  const { page, person } = visit;
  const { items, batchId } = await makeBatch(person);
  for (const { id } of items) await person.waitForEnd(id, 60_000);
  await page.goto(`${visit.scene.url}/batches/${batchId}`);
  await page.getByRole("button", { name: `${words.reject}: ${words.take(1)}` }).click();
  await page.waitForURL(/#take-/);
  assertEquals(await markOf(visit, items[0]?.id), "rejected");
  assertEquals((await cards(visit)).length, 2);
}, { signedIn: true, scripts: false });

journey("a draft is made for good with one button, and both stand side by side", async (visit) => {
  const { page, person, scene } = visit;
  const server = await openDraft(`${scene.dataDir}/server`, { port: SERVER_PORT });
  try {
    const { items } = await makeBatch(person, { prompt: "Mika sings in {sun|wind}" });
    const id = items[0]?.id ?? "";
    for (const one of items) await person.waitForEnd(one.id, 60_000);
    await visit.open(`/jobs/${id}`);
    await page.getByRole("button", { name: kin.promote }).click();
    await page.waitForURL((url) => url.pathname.startsWith("/jobs/") && !url.pathname.endsWith(id));
    const final = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    assertEquals((await person.waitForEnd(final, 60_000)).status, "completed");
    await visit.open(`/jobs/${final}`);
    await page.getByRole("link", { name: kin.besides }).click();
    await page.locator("video").nth(1).waitFor();
    const names = await page.locator("select[name=a] option").allTextContents();
    assert(
      names.some((name) => name.startsWith("Draft")) && names.some((name) => name.startsWith("Final")),
      names.join(),
    );
    await assertOpenToAll(page);
    await visit.open(`/jobs/${id}`);
    await page.getByRole("link", { name: /^Draft of/ }).waitFor();
  } finally {
    await server.close();
  }
}, { signedIn: true });
