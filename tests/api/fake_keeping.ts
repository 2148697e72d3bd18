/** How long what is kept, in memory: thirty days for pieces, and one take whose pieces would go. */
import type { Keeping } from "@/core/keeping.ts";
import { noteIn } from "./fake_audit.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

export function fakeKeeping(kept: FakeStudio["kept"], clock: FakeClock): Keeping {
  return {
    rules: { pieces: 30, latents: 0, failed: 0, drafts: 0, uploads: 0, films: 0 },
    look: () => Promise.resolve([{ kind: "pieces", things: 1, files: 12, bytes: 3e9 }]),
    projects: () =>
      Promise.resolve(
        [...kept.projects.values()].map(({ id, name, userId, keep = {} }) => ({
          id,
          name,
          owner: kept.accounts.find((one) => one.id === userId)?.email ?? "",
          keep,
        })),
      ),
    change(projectId, keep, by) {
      const project = kept.projects.get(projectId);
      if (!project) return Promise.resolve(false);
      kept.projects.set(projectId, { ...project, keep });
      noteIn(kept, clock, {
        action: "project.keep",
        subject: projectId,
        before: { ...project.keep },
        after: { ...keep },
      }, by);
      return Promise.resolve(true);
    },
  };
}
