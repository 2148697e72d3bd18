/** The look that was asked for: slate and amber, set in IBM Plex Sans from the studio itself. */
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { root } from "@/tests/workflows/shelf.ts";

const sheet = (name: string) => Deno.readTextFile(`${root}static/css/${name}.css`);

Deno.test("[LX28] the theme is slate #1A1F26 and amber #E0A458 in IBM Plex Sans, whose files the studio serves itself", async () => {
  const tokens = await sheet("tokens");
  assertMatch(tokens, /--slate: #1a1f26;/i);
  assertMatch(tokens, /--amber: #e0a458;/i);
  assertMatch(tokens, /--font: "IBM Plex Sans"/);
  assertMatch(await sheet("base"), /font(-family)?:[^;}]*var\(--font\)/);
  const files = [...(await sheet("fonts")).matchAll(/url\(["']?([^"')]+)/g)].map(([, url = ""]) => url);
  assert(files.length > 0);
  assertEquals(files.filter((url) => !url.startsWith("/fonts/ibm-plex-")), []);
  for (const url of files) assert((await Deno.stat(`${root}static${url}`)).isFile, url);
});
