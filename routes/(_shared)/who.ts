/** Who is signed in, as the bar on top of a page shows it. */
import type { Who } from "@/components/header.tsx";
import type { State } from "./state.ts";

/** Null for strangers; also before the studio knew who was asking. */
export function whoOf({ user }: Pick<State, "user">): Who | null {
  return user ? { email: user.email, isOperator: user.role === "operator" } : null;
}
