/** The composer alone. Takes its form where no script sends it; what was refused is shown beside its field, with everything that was entered. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { ServedComposer } from "@/components/composer/served.tsx";
import { dashboard as words } from "@/core/words/dashboard.ts";
import { shell } from "@/core/words/shell.ts";
import { makeFromForm, readComposing } from "../../(_shared)/composing.ts";
import { define } from "../../(_shared)/define.ts";

export const handler = define.handlers({
  async GET(ctx) {
    return page({
      composing: await readComposing(ctx, { asked: ctx.url.searchParams }),
      ticket: ctx.state.studio.ids.uuid4(),
      title: words.hello,
    });
  },
  async POST(ctx) {
    const made = await makeFromForm(ctx);
    if ("job" in made) {
      const { id, batchId } = made.job;
      return ctx.redirect(batchId === null ? `/jobs/${id}` : `/batches/${batchId}`, 303);
    }
    const composing = await readComposing(ctx, made);
    return page({ composing, ticket: ctx.state.studio.ids.uuid4(), title: words.refused }, {
      status: made.refused.problem?.status ?? 422,
    });
  },
});

export default define.page<typeof handler>(({ data: { composing, ticket, title } }) => (
  <>
    <Head>
      <title>{shell.title(title)}</title>
    </Head>
    <main class="room">
      <h1 class="hello">{title}</h1>
      <ServedComposer composing={composing} ticket={ticket} />
    </main>
  </>
));
