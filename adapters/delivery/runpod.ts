/** Stops or ends the rented machine that rendered, when somebody asked for it. */
import type { Config } from "@/core/config.ts";
import { fail } from "@/core/problem.ts";

/** `terminate` cannot be undone: the machine and its disk are gone. */
export type PodEnd = "stop" | "terminate";

const LIMIT_MS = 30_000;

type Settings = Pick<Config, "RUNPOD_URL" | "RUNPOD_API_KEY" | "RUNPOD_POD_ID">;

/** Null where there is no pod or no key: nothing to do, and no error. A pod that is gone already is as wished. */
export async function endPod(
  { RUNPOD_URL, RUNPOD_API_KEY, RUNPOD_POD_ID }: Settings,
  how: PodEnd,
): Promise<{ id: string } | null> {
  if (RUNPOD_POD_ID === "" || RUNPOD_API_KEY === null) return null;
  const pod = `${RUNPOD_URL}/pods/${encodeURIComponent(RUNPOD_POD_ID)}`;
  const [method, address] = how === "stop" ? ["POST", `${pod}/stop`] : ["DELETE", pod];
  const headers = { authorization: `Bearer ${RUNPOD_API_KEY.reveal()}` };
  let answer: Response;
  try {
    answer = await fetch(address, { method, headers, signal: AbortSignal.timeout(LIMIT_MS) });
  } catch (thrown) {
    throw fail("pod.failed", { operator: `${method}: ${Deno.inspect(thrown)}` }, thrown);
  }
  const text = await answer.text();
  if (answer.ok || answer.status === 404) return { id: RUNPOD_POD_ID };
  throw fail("pod.failed", { operator: `${method} answered ${answer.status} ${text.slice(0, 200)}` });
}
