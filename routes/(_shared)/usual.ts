/** How the account wishes to be told that a film is ready, for pages that tell it. */
import type { Wishes } from "@/components/live/wishes.ts";
import type { Defaults } from "@/core/account.ts";
import { read } from "./ask.ts";

export async function readUsual(ctx: Parameters<typeof read>[0]): Promise<Wishes> {
  const { sound, notify } = await read<Defaults>(ctx, "/api/account/defaults");
  return { sound, notice: notify };
}
