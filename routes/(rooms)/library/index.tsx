/** The library: films, files and the trash, to search, mark, move, download and delete. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Confirm } from "@/components/library/confirm.tsx";
import { hrefOf, type Show } from "@/components/library/query.ts";
import { LibraryRoom, type LibraryView } from "@/components/library/room.tsx";
import { library } from "@/core/words/library.ts";
import { shell } from "@/core/words/shell.ts";
import { define } from "../../(_shared)/define.ts";
import { readTicks } from "../../(_shared)/fields.ts";
import { act, loadLibrary, type Question } from "../../(_shared)/library.ts";

interface Data {
  view: LibraryView;
  question: Question | null;
}

export const handler = define.handlers({
  GET: async (ctx) => page<Data>({ view: await loadLibrary(ctx), question: null }),
  async POST(ctx) {
    const acted = await act(ctx, await readTicks(ctx.req));
    if ("response" in acted) return acted.response;
    if ("question" in acted) return page<Data>({ view: await loadLibrary(ctx), question: acted.question });
    return page<Data>({ view: await loadLibrary(ctx, {}, acted.news), question: null }, { status: 422 });
  },
});

const SHOWS: Show[] = ["films", "files", "trash"];

export default define.page<typeof handler>(({ data: { view, question } }) => (
  <main class="room">
    <Head>
      <title>{shell.title(library.title)}</title>
    </Head>
    {question === null
      ? (
        <>
          <div class="head first">
            <h1>{library.title}</h1>
            <nav class="filters" aria-label={library.shows}>
              {SHOWS.map((show) => (
                <a
                  href={show === "films" ? "?" : `?show=${show}`}
                  aria-current={show === view.query.show ? "page" : undefined}
                >
                  {library.tabs[show]}
                </a>
              ))}
            </nav>
          </div>
          <LibraryRoom {...view} />
        </>
      )
      : <Sure question={question} back={hrefOf(view.query, { cursor: view.query.cursor })} />}
  </main>
));

function Sure({ question: { act, items }, back }: { question: Question; back: string }) {
  const words = library.confirm;
  return (
    <Confirm
      title={act === "empty" ? words.empty : words.purge(items.length)}
      text={words.text}
      yes={words.yes}
      no={words.no}
      back={back}
      fields={[["do", act], ...items.map((item): [string, string] => ["item", item])]}
    />
  );
}
