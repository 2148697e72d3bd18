/** The history of a job leaves nothing out: whatever changes what is shown of it is an event with a sentence. */
import { problem } from "@/core/problem.ts";
import type { JobMessage } from "@/actors/job/messages.ts";
import { assert } from "@/tests/assert.ts";
import { chainPlan, FILM, JobBench } from "./bench.ts";

/** A bench that compares what is shown before and after each message. */
class WatchedBench extends JobBench {
  override tell(message: JobMessage): void {
    const [before, events] = [this.#facts(), this.events.length];
    super.tell(message);
    const after = this.#facts();
    const told = this.events.slice(events);
    assert(
      before === after || told.length > 0,
      `${message.type}: ${before} became ${after} without an event`,
    );
    for (const { kind, message: sentence } of told) {
      assert(/^[a-z.]+$/.test(kind) && /\S{2,}.*\S/.test(sentence), `${kind}: "${sentence}"`);
    }
  }

  #facts(): string {
    const { status, paused, cancelling, run, rev, problem } = this.shown;
    return JSON.stringify({
      status,
      paused,
      cancelling,
      run,
      rev,
      problem: problem?.code,
      priority: this.priority,
    });
  }
}

function begun(): WatchedBench {
  const bench = new WatchedBench(chainPlan(2));
  bench.start();
  bench.local("prepare");
  return bench;
}

function failing(bench: WatchedBench, code: "comfy.rejected" | "comfy.proxy"): void {
  const promptId = bench.grant("chunk-1");
  bench.tell({ type: "prompt.failed", ...bench.key("chunk-1"), promptId, problem: problem(code) });
}

const WALKS: Record<string, (bench: WatchedBench) => void> = {
  "to the end, and a part made anew": (bench) => {
    bench.render("chunk-1");
    bench.render("chunk-2");
    bench.local("join", FILM);
    bench.plans.set(2, chainPlan(2));
    bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "rerun" });
    bench.render("chunk-1");
    bench.render("chunk-2");
    bench.local("join", FILM);
  },
  "pause, resume, pause at once, resume": (bench) => {
    bench.tell({ type: "pause", now: false });
    bench.tell({ type: "resume" });
    bench.grant("chunk-1");
    bench.tell({ type: "pause", now: true });
    bench.tell({ type: "resume" });
  },
  "cancel, and the server that answers late": (bench) => {
    const promptId = bench.grant("chunk-1");
    bench.tell({ type: "cancel" });
    bench.tell({ type: "prompt.stopped", promptId, step: "chunk-1" });
  },
  "cancel by force": (bench) => {
    bench.grant("chunk-1");
    bench.tell({ type: "cancel" });
    bench.tell({ type: "cancel.due", run: 1 });
  },
  "a failure that passes, one that does not, and a retry": (bench) => {
    failing(bench, "comfy.proxy");
    bench.tell({ type: "retry.due", ...bench.key("chunk-1") });
    failing(bench, "comfy.rejected");
    bench.tell({ type: "retry" });
  },
  "an edit and another priority": (bench) => {
    bench.plans.set(2, chainPlan(2));
    bench.tell({ type: "edit", rev: 2 });
    bench.tell({ type: "reprioritise", priority: 5 });
  },
  "a server that forgets, one that is silent, files that vanish": (bench) => {
    bench.tell({ type: "prompt.lost", ...bench.key("chunk-1"), promptId: bench.grant("chunk-1") });
    bench.tell({ type: "prompt.unreachable", ...bench.key("chunk-1"), promptId: bench.grant("chunk-1") });
    bench.render("chunk-1");
    bench.grant("chunk-2");
    bench.tell({ type: "files.missing", ...bench.key("chunk-2"), steps: ["chunk-1"] });
  },
  "a bad input": () => {
    const bench = new WatchedBench(chainPlan(1));
    bench.tell({ type: "start" });
    bench.tell({ type: "inputs.checked", run: 1, problem: problem("job.input_changed") });
  },
};

for (const [name, walk] of Object.entries(WALKS)) {
  Deno.test(`[XC10] every change of what is shown is an event with a kind and a sentence: ${name}`, () =>
    walk(begun()));
}
