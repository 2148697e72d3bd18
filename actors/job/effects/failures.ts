/** The failures of steps that an effect tells its job of, as the log and the figures name them. */
import { z } from "zod";
import type { Claim } from "@/core/store.ts";
import type { EffectEnd } from "../../runtime/handler.ts";

const Told = z.object({
  type: z.string().endsWith(".failed"),
  step: z.string(),
  take: z.int(),
  attempt: z.int(),
  promptId: z.string().optional(),
  elsewhere: z.boolean().optional(),
  problem: z.object({ code: z.string(), message: z.string(), operator: z.string().optional() }),
});
const Asked = z.object({ backendId: z.string().optional(), promptId: z.string().optional() });

export interface StepFailure {
  step: string;
  take: number;
  attempt: number;
  code: string;
  /** For operators. */
  cause: string;
  /** Null where the studio itself did the work. */
  backend: string | null;
  promptId: string | null;
  /** It is tried on another server. */
  elsewhere: boolean;
}

export function failuresIn({ req }: Claim, end: EffectEnd | null): StepFailure[] {
  if (end === null || !("finish" in end)) return [];
  const asked = Asked.safeParse(req).data;
  return end.finish.mail.flatMap(({ body }): StepFailure[] => {
    const told = Told.safeParse(body).data;
    if (!told) return [];
    const { step, take, attempt, problem: { code, message, operator } } = told;
    const backend = asked?.backendId ?? null;
    const promptId = asked?.promptId ?? null;
    const elsewhere = told.elsewhere ?? false;
    return [{ step, take, attempt, code, cause: operator ?? message, backend, promptId, elsewhere }];
  });
}
