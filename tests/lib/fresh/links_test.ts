/** Broken links between built scripts are found by reading them. */
import { findBrokenLinks } from "@/lib/fresh/links.ts";
import { assertEquals } from "@/tests/assert.ts";

const scripts = (texts: Record<string, string>) => new Map(Object.entries(texts));

Deno.test("scripts that find everything have no broken links", () => {
  const texts = scripts({
    "boot.js": "var a,b;export{a as jsx,b as h,b};\n",
    "one.js":
      'import{jsx as x,h}from"/_fresh/js/boot.js";import{t as default}from"/_fresh/js/two.js";export{x as default};',
    "two.js": 'import"/_fresh/js/boot.js";var l=()=>import("/_fresh/js/one.js");export{l as t};',
  });
  assertEquals(findBrokenLinks(texts, "boot.js"), []);
});

Deno.test("a missing name, a missing script and a name that the framework does not give are told apart", () => {
  const texts = scripts({
    "boot.js": "export{a as jsx};",
    "one.js": 'import{hydrate as x}from"/_fresh/js/boot.js";import{t}from"/_fresh/js/two.js";',
    "two.js": 'var l=()=>import("/_fresh/js/gone.js");export{l as s};',
  });
  assertEquals(findBrokenLinks(texts, "boot.js"), [
    "lib/fresh/client.ts must export hydrate, which one.js imports",
    "one.js imports t from two.js, which does not export it",
    "two.js loads gone.js, which was not built",
  ]);
});
