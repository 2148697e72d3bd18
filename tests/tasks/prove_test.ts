/** What `deno task templates prove` tells of a template that did not run. */
import { causeOf } from "@/tasks/templates/prove.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("the cause of a failure stands beside the sentence for people, where the server told one", () => {
  const message = "The render server failed while making this part.";
  const operator = 'Node 4 "Model" (UNETLoader): SafetensorError: HeaderTooSmall';
  assertEquals(causeOf({ status: "failed", problem: { message, operator } }), `${message} ${operator}`);
  assertEquals(causeOf({ status: "failed", problem: { message } }), message);
  assertEquals(causeOf({ status: "cancelled", problem: null }), "cancelled");
});
