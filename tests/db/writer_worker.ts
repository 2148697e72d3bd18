/** Another process, as far as SQLite can tell: tells one actor twenty things and takes its turns. */
import { behave, openSqlite, tell } from "./fixtures.ts";

addEventListener("message", async ({ data: { path, jobId, name } }) => {
  const { store, close } = await openSqlite(path);
  const read: string[] = [];
  const behaviour = behave(({ mail }) => {
    read.push(...mail.map((item) => item.kind));
    return { events: mail.map(({ kind }) => ({ kind, message: "Read." })) };
  });
  for (let at = 0; at < 20; at++) {
    await store.post([tell(jobId, `${name}-${at}`)]);
    await store.turn(jobId, behaviour);
  }
  await close();
  postMessage(read);
});
