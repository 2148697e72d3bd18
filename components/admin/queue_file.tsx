/** The queue as a file: given out by a link, taken in by a form. */
import type { FieldNote } from "@/core/problem.ts";
import { queueFile as words } from "@/core/words/queue_file.ts";

export function QueueFile({ action, faults }: { action: string; faults: FieldNote[] }) {
  return (
    <section aria-labelledby="file" class="stack">
      <h2 id="file" class="label">{words.title}</h2>
      <p class="small second">{words.about}</p>
      {faults.length > 0 && (
        <ul class="plain small faults">
          {faults.map(({ path, message }) => <li key={path}>{words.at(path, message)}</li>)}
        </ul>
      )}
      <form method="post" action={action} enctype="multipart/form-data" class="row">
        <a class="btn slim" href="/api/admin/queue/export" download>{words.give}</a>
        <label class="small">
          {words.file} <input class="input" type="file" name="file" accept="application/json,.json" />
        </label>
        <button class="btn slim" type="submit">{words.take}</button>
      </form>
    </section>
  );
}
