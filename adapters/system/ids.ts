/** Real ids: time-ordered for rows, random for prompts and secrets. */
import { v4, v7 } from "uuid";
import type { Ids } from "@/core/ports.ts";

export function systemIds(): Ids {
  return {
    uuid7: () => v7(),
    uuid4: () => v4(),
    token(bytes) {
      const random = crypto.getRandomValues(new Uint8Array(bytes));
      const text = btoa(String.fromCharCode(...random));
      return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    },
  };
}
