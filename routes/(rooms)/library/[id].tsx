/** One file: seen large, its facts, and what can be done with it. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { FileView } from "@/components/library/file_view.tsx";
import { hrefOf, readQuery } from "@/components/library/query.ts";
import { NewsLines } from "@/components/library/room.tsx";
import type { ShownAsset, ShownProject } from "@/core/shown.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { readTicks } from "../../(_shared)/fields.ts";
import { define } from "../../(_shared)/define.ts";
import { act, newsOf } from "../../(_shared)/library.ts";

/** Where the list of files is. */
const LIST = hrefOf(readQuery(new URLSearchParams({ show: "files" })));

export const handler = define.handlers({
  async GET(ctx) {
    const { id } = ctx.params;
    const file = await read<ShownAsset>(ctx, `/api/assets/${id}`);
    const project = file.projectId === null
      ? null
      : await ask<ShownProject>(ctx, `/api/projects/${file.projectId}`);
    return page({
      file,
      project: project?.ok ? project.body : null,
      news: newsOf(ctx.url.searchParams),
      now: ctx.state.studio.clock.now(),
      list: `/library${LIST}`,
    });
  },
  async POST(ctx) {
    const acted = await act(ctx, await readTicks(ctx.req));
    if ("response" in acted) return acted.response;
    return ctx.redirect(ctx.url.pathname, 303);
  },
});

export default define.page<typeof handler>(({ data: { file, project, news, now, list } }) => (
  <main class="room">
    <Head>
      <title>{shell.title(file.name)}</title>
    </Head>
    <NewsLines news={news} />
    <FileView file={file} project={project} now={now} list={list} />
  </main>
));
