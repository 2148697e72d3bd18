/** The shelf as a page, in a browser without script. */
import { signUp, signUpCreator } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
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
