/** Failed films of the studio in memory. */
import type { FailedFilm, FailedFilms } from "@/core/failed.ts";
import { noteIn } from "./fake_audit.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

export function fakeFailed(kept: FakeStudio["kept"], clock: FakeClock): FailedFilms {
  const all = (): FailedFilm[] =>
    [...kept.jobs.values()].filter(({ status, trashedAt }) => status === "failed" && trashedAt === null).map((
      { id, title, mode, rev, userId, problem },
    ) => ({
      id,
      title,
      owner: kept.accounts.find((account) => account.id === userId)?.email ?? "",
      mode,
      rev,
      endedAt: clock.now(),
      code: problem?.code ?? "comfy.execution",
      message: problem?.message ?? "The render server failed while making this part.",
      cause: problem?.operator ?? "Node 3 (KSampler): RuntimeError: shapes do not match",
      step: "render",
      backendId: "b1",
      promptId: "p1",
    }));
  return {
    list: ({ limit }) => Promise.resolve({ items: all().slice(0, limit), next: null }),
    find: (id) => Promise.resolve(all().find((film) => film.id === id) ?? null),
    tell(mail, entry, by) {
      kept.mail.push(mail);
      noteIn(kept, clock, entry, by);
      return Promise.resolve();
    },
  };
}
