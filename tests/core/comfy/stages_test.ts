/** Where a render is: by the nodes that begin a template's stages, and by the steps of its samplers. */
import { advanceStage, BEFORE, type StageMap, stageShown, stagesOf } from "@/core/comfy/stages.ts";
import type { PromptNews } from "@/core/ports.ts";
import { assertEquals } from "@/tests/assert.ts";
import { readTemplate } from "@/tests/workflows/shelf.ts";

type News = Pick<PromptNews, "node" | "step">;

/** What is said after each word of a server. */
function told(map: StageMap, news: News[]): (string | null)[] {
  let at = BEFORE;
  return news.map((one) => {
    at = advanceStage(map, at, one);
    const shown = stageShown(map, at);
    if (shown === null) return null;
    const { title, number, of, step } = shown;
    return `${number}/${of} ${title}${step ? ` ${step.value}/${step.max}` : ""}`;
  });
}

async function mapOf(id: string) {
  const template = await readTemplate(id);
  const map = stagesOf(template, template.graph);
  const node = (stage: string) => [...map.of].find(([, [place = -1]]) => map.titles[place] === stage)?.[0];
  return { map, node };
}

Deno.test("[LX17] the stage has its number and name, and a second sampler that begins to count begins the next stage", async () => {
  const { map, node } = await mapOf("ltx/t2v");
  const [first, up, second] = [node("First pass"), node("Upscaling"), node("Second pass")];
  assertEquals(
    told(map, [
      {},
      { node: "no stage" },
      { node: node("Reading the prompt") },
      { node: first },
      { node: first, step: { value: 7, max: 8 } },
      { node: up },
      { node: second, step: { value: 1, max: 3 } },
      { node: first, step: { value: 8, max: 8 } },
      { node: `${second}.0.4`, step: { value: 2, max: 3 } },
    ]),
    [
      null,
      null,
      "1/5 Reading the prompt",
      "2/5 First pass",
      "2/5 First pass 7/8",
      "3/5 Upscaling",
      "4/5 Second pass 1/3",
      "4/5 Second pass 8/8",
      "4/5 Second pass 2/3",
    ],
  );
});

Deno.test("[LX17] one sampler that counts anew is in its next stage", () => {
  const map = { titles: ["Rough", "Fine"], of: new Map([["7", [0, 1]]]) };
  const step = (value: number, max: number) => ({ node: "7", step: { value, max } });
  assertEquals(told(map, [step(1, 4), step(4, 4), step(1, 4), step(2, 4), step(1, 9)]), [
    "1/2 Rough 1/4",
    "1/2 Rough 4/4",
    "2/2 Fine 1/4",
    "2/2 Fine 2/4",
    "2/2 Fine 1/9",
  ]);
});

Deno.test("stages that a bound graph does not have are not counted, and what counts to one has no step", async () => {
  const template = await readTemplate("wan/i2v");
  const { graph } = template;
  const rest = Object.entries(graph).filter(([, { _meta }]) => _meta?.title !== "First pass");
  const map = stagesOf(template, Object.fromEntries(rest));
  assertEquals(map.titles, ["Loading models", "Preparing the picture", "Second pass", "Decoding"]);
  const [decode = ""] = [...map.of].find(([, [place]]) => place === 3) ?? [];
  assertEquals(told(map, [{ node: decode, step: { value: 1, max: 1 } }]), ["4/4 Decoding"]);
});
