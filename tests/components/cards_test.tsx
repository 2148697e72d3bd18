/** Cards of films: what stands on them in each state. */
import { render } from "preact-render-to-string";
import { FilmCard } from "@/components/films/card.tsx";
import { LiveCard } from "@/components/films/live_card.tsx";
import { groupOf } from "@/components/films/strip.tsx";
import { currentPiece, lineOf, nameOf, shareOf } from "@/components/films/view.ts";
import { problem } from "@/core/problem.ts";
import type { PieceState, ShownJob } from "@/core/shown.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { progressOf, shownJob, strip } from "./jobs.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 5);
const RESULT = {
  type: "film",
  url: "/f",
  downloadUrl: "/f?download=1",
  posterUrl: "/p",
  seconds: 12.17,
  width: 832,
  height: 480,
};

function card(change: Partial<ShownJob>): string {
  return render(<FilmCard job={shownJob(change)} now={NOW} />);
}

Deno.test("a finished film's card has poster, length and what it is; a draft says so", () => {
  const html = card({ status: "completed", result: RESULT, ...strip("done") });
  assertMatch(html, /<img src="\/p" alt[ =]/);
  assertMatch(html, /<span class="tag num">0:12<\/span>/);
  assertMatch(html, /Animate · 0:12 · 5 min ago/);
  assert(!html.includes("Draft"));
  assertMatch(card({ status: "completed", result: RESULT, draft: true }), /<span class="tag draft">Draft</);
});

Deno.test("a failure stands in the place of the picture: what happened and what was kept", () => {
  const { code, retry, message } = problem("comfy.unreachable");
  const html = card({
    status: "failed",
    problem: { code, retry, message },
    ...strip("done", "done", "failed", "todo"),
  });
  assertMatch(html, /class="card bad"/);
  assert(html.includes(message));
  assertMatch(html, /2 of 4 parts are kept/);
  assert(!html.includes("<img"));
});

Deno.test("before there is a poster the card shows the character", () => {
  assertMatch(card({}), /src="\/api\/assets\/019a0000-0000-7000-8000-00000000000a\/thumbnail"/);
});

Deno.test("a film is called by its title, else by the first words of its prompt", () => {
  assertEquals(nameOf({ title: "Dusk", prompt: "long" }), "Dusk");
  assertEquals(nameOf({ title: "", prompt: " " }), "Untitled");
  const long = nameOf({ title: "", prompt: "harbour ".repeat(40) });
  assert(long.length <= 81 && long.endsWith("harbour…"), long);
});

Deno.test("the line of a card tells length or state", () => {
  assertEquals(lineOf(shownJob({ status: "queued" }), NOW), "Animate · waiting · 5 min ago");
});

Deno.test("[LX17] a live card says which part, stage and step, how far, and when it will be ready", () => {
  const at = { title: "First pass", number: 3, of: 5, step: { value: 4, max: 20 } };
  const html = render(<LiveCard job={shownJob({ progress: progressOf({ at }) })} />);
  assertMatch(html, /part 2 of 3/);
  assertMatch(html, /Stage 3 of 5: First pass, step 4 of 20/);
  assertMatch(html, /50 %/);
  assertMatch(html, /ready in <b>4:10<\/b>/);
  assertMatch(html, /<i +class="done"><\/i><i +class="now"><progress max="1" value="0.5"/);
});

Deno.test("a live card of a paused or ending job tells that and no time", () => {
  for (const [change, word] of [[{ paused: true }, "Pausing"], [{ cancelling: true }, "Stopping"]] as const) {
    const html = render(<LiveCard job={shownJob({ ...change, progress: progressOf() })} />);
    assertMatch(html, new RegExp(`<span class="tag">${word}</span>`));
    assert(!html.includes("ready in"));
  }
});

Deno.test("the share on a card is the further one of what is stored and what was heard", () => {
  assertEquals(shareOf({ share: 0.6, progress: progressOf({ share: 0.5 }) }), 0.6);
  assertEquals(shareOf({ share: 0.4, progress: progressOf({ share: 0.5 }) }), 0.5);
});

Deno.test("a long strip is drawn in groups that hide no failure", () => {
  const states: PieceState[] = Array.from({ length: 100 }, (_, at) => at < 50 ? "done" : "todo");
  states[99] = "failed";
  const groups = groupOf(states);
  assert(groups.length <= 40);
  assertEquals([groups[0], groups.at(-1)], ["done", "failed"]);
  assertEquals(currentPiece(["done", "done"]), 0);
  assertEquals(currentPiece(["done", "todo"]), 2);
});
