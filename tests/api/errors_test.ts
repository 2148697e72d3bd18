/** What goes wrong with a render server, as the person reads it and as the operator does. */
import { z } from "zod";
import { executionProblem, rejection } from "@/adapters/comfy/problems.ts";
import { type Problem, problem, type ProblemCode } from "@/core/problem.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { makeJob, signUp } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { makeStudio } from "./fake_studio.ts";

/** Begins a sentence on what to do. */
const ADVICE = /(^|[.!] )(Try|Take|Choose|Ask|Tell|Wait|Please|Make)\b/;
const RAW = "KSampler: mat1 and mat2 shapes cannot be multiplied";

const Seen = z.looseObject({
  problem: z.looseObject({ code: z.string(), message: z.string(), operator: z.string().optional() }),
});

const failing = (exception_type: string) =>
  executionProblem({ node_id: "3", node_type: "KSampler", exception_type, exception_message: RAW }, null);

const CASES: [is: string, code: ProblemCode, made: Problem][] = [
  ["out of memory", "comfy.out_of_memory", failing("torch.OutOfMemoryError")],
  ["a node that failed", "comfy.execution", failing("RuntimeError")],
  ["a prompt that was refused", "comfy.rejected", refused()],
  ["the time limit", "comfy.timeout", problem("comfy.timeout", { operator: RAW })],
  ["an interrupt", "comfy.interrupted", problem("comfy.interrupted", { operator: RAW })],
  [
    "a file that cannot be fetched",
    "comfy.output_missing",
    problem("comfy.output_missing", { operator: RAW }),
  ],
  ["too long a film", "job.too_long", problem("job.too_long", { operator: RAW })],
  ["no session, or an old one", "auth.required", problem("auth.required", { operator: RAW })],
  ["too many jobs", "job.queue_full", problem("job.queue_full", { operator: RAW })],
];

function refused(): Problem {
  const errors = [{ type: "value_not_in_list", message: RAW, details: "" }];
  const found = rejection({ node_errors: { "3": { class_type: "KSampler", errors } } }, null);
  return "problem" in found ? found.problem : found;
}

Deno.test("[LX18] each failure of a render has its own plain words with advice, and the server's own are for operators alone", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "first@example.org");
  const creator = await signUp(studio, "second@example.org");
  const said = new Set<string>();
  for (const [is, code, made] of CASES) {
    for (const person of [operator, creator]) {
      const id = await makeJob(person);
      changeJob(studio.kept, id, { status: "failed", problem: made });
      const answer = await (await person.get(`/jobs/${id}`)).text();
      const { problem: shown } = Seen.parse(JSON.parse(answer));
      assertEquals(shown.code, code, is);
      assert(ADVICE.test(shown.message), `${is}: ${shown.message}`);
      assert(!/KSampler|mat1|Error|node/i.test(shown.message), shown.message);
      assertEquals(answer.includes("mat1"), person === operator, is);
      said.add(shown.message);
    }
  }
  assertEquals(said.size, CASES.length, "no two say the same");
});
