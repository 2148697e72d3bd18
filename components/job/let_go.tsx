/** Beside the film: that what it was made from was let go, and what taking a part again costs then. */
import type { ShownJobDetail } from "@/core/shown.ts";
import { day } from "@/core/words/format.ts";
import { keeping } from "@/core/words/keeping.ts";

const words = keeping.letGo;

export function LetGo({ letGo }: Pick<ShownJobDetail, "letGo">) {
  if (letGo === null) return null;
  const { at, files, bytes, seconds } = letGo;
  return (
    <section id="let-go">
      <h2>{words.title}</h2>
      <p class="small">{words.text(day(Date.parse(at)), files, bytes)}</p>
      <p class="small second">{words.cost(seconds)}</p>
    </section>
  );
}
