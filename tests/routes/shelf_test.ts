/** The shelf as a page, in a browser without script. */
import { signUp, signUpCreator } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import type { OfferedSetting } from "@/core/offer.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { Visitor } from "./app.ts";

Deno.test("the shelf shows each mode with its example, its needs and its servers, to creators without any file", async () => {
  const studio = makeStudio();
  await signUp(studio, "op@example.org");
  const creator = await signUpCreator(studio, "mika@example.org");
  const visitor = new Visitor(studio);
  visitor.cookie = creator.cookie;
  const { status, html } = await visitor.open("/shelf");
  assertEquals(status, 200);
  assertMatch(html, /<img src="\/api\/shelf\/examples\/drawn[^"]*" alt="A draft made with Mode move"/);
  assertMatch(html, /24 GB of graphics memory/);
  assertMatch(html, /17\.3 GB of models/);
  assertMatch(html, /On RTX 4090, 2026-11-20/);
  assertMatch(html, /ready, with the preset Fast/);
  assertMatch(html, /Not on a graphics card yet/);
  assertMatch(html, /lacks something/);
  assert(!/safetensors|models\.example|One prompt per part/.test(html));
  assertMatch((await visitor.open("/dashboard")).html, /href="\/shelf"/);
});

Deno.test("operators read on the shelf what is missing where, with a link to get it", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const visitor = new Visitor(studio);
  visitor.cookie = operator.cookie;
  const { html } = await visitor.open("/shelf");
  assertMatch(html, /Render server: 1 thing missing/);
  assertMatch(html, /<b>Model file big\.safetensors is missing\.<\/b>/);
  assertMatch(html, /<a href="https:\/\/models\.example\/big" rel="noreferrer">/);
  assertMatch(html, /models\/diffusion_models, 17\.3 GB, Apache-2\.0/);
});

Deno.test("using a mode of the shelf leads to the composer with that very submode and model; what is not offered is left out", async () => {
  const studio = makeStudio();
  await signUp(studio, "op@example.org");
  const visitor = new Visitor(studio);
  visitor.cookie = (await signUpCreator(studio)).cookie;
  const [move] = await studio.shelf.list();
  assert(move);
  const mix = { ...move, id: "animate/mix", submode: "mix" };
  const second = { ...move, id: "animate/move2" };
  studio.shelf.list = () => Promise.resolve([move, mix, second]);
  const options = ["animate/move", "animate/move2"].map((value) => ({ value, title: value }));
  const model: OfferedSetting = {
    name: "template",
    title: "Model",
    kind: "choice",
    effect: null,
    scales: null,
    default: "animate/move",
    min: null,
    max: null,
    options,
  };
  studio.offer.modes.find(({ submode }) => submode === "move")?.finishing.push(model);
  const links = [...(await visitor.open("/shelf")).html.matchAll(/href="(\/jobs\/new\?[^"]+)"/g)];
  const paths = links.map(([, path = ""]) => path.replaceAll("&amp;", "&"));
  const chosen = async (path: string) => {
    const { html } = await visitor.open(path);
    const tags = [...html.matchAll(/<input[^>]*>/g)].map(([tag]) => tag);
    const submode = tags.find((tag) => tag.includes('name="submode"') && / checked/.test(tag));
    const [select = ""] = /<select[^>]*name="[^"]*template"[^]*?<\/select>/.exec(html) ?? [];
    const option = [...select.matchAll(/<option[^>]*>/g)].map(([tag]) => tag).find((tag) =>
      / selected/.test(tag)
    );
    return [submode, option].map((tag) => /value="([^"]*)"/.exec(tag ?? "")?.[1] ?? "");
  };
  assertEquals(await Promise.all(paths.map(chosen)), [
    ["move", "animate/move"],
    ["mix", ""],
    ["move", "animate/move2"],
  ]);
  const wrong = "/jobs/new?mode=animate&submode=nothing&template=..%2Fx";
  assertEquals(await chosen(wrong), ["move", "animate/move"]);
});
