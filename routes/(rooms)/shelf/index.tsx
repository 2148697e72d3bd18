/** The shelf: every mode as a card. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Icon } from "@/components/icon.tsx";
import { layers } from "@/components/icons.ts";
import { ModeCard } from "@/components/shelf/mode.tsx";
import { modeId } from "@/core/modes.ts";
import type { ShownModes } from "@/core/shown.ts";
import type { ShownShelf } from "@/core/shown_shelf.ts";
import { shelf } from "@/core/words/shelf.ts";
import { shell } from "@/core/words/shell.ts";
import { read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const [{ items }, modes] = await Promise.all([
      read<ShownShelf>(ctx, "/api/shelf"),
      read<ShownModes>(ctx, "/api/modes", { keep: true }),
    ]);
    return page({ items, offered: modes.items.map(modeId) });
  },
});

type Item = ShownShelf["items"][number];

/** What people ask for comes first; what other modes work with stands by itself below. */
export default define.page<typeof handler>(({ data: { items, offered } }) => {
  const isOffered = (item: Item) => offered.includes(modeId(item));
  const others = items.filter((item) => !isOffered(item));
  return (
    <main class="room">
      <Head>
        <title>{shell.title(shelf.title)}</title>
      </Head>
      <div class="head first">
        <h1>{shelf.title}</h1>
        <p class="second small">{shelf.lead}</p>
      </div>
      {items.length === 0 && (
        <div class="empty">
          <Icon of={layers} />
          <h2>{shelf.none.title}</h2>
          <p>{shelf.none.text}</p>
        </div>
      )}
      <Row items={items.filter(isOffered)} isOffered />
      {others.length > 0 && (
        <div class="head">
          <h2>{shelf.others}</h2>
          <p class="second small">{shelf.othersLead}</p>
        </div>
      )}
      <Row items={others} isOffered={false} />
    </main>
  );
});

function Row({ items, isOffered }: { items: Item[]; isOffered: boolean }) {
  return (
    <ul class="plain shelf">
      {items.map((item) => (
        <li key={item.id}>
          <ModeCard item={item} isOffered={isOffered} />
        </li>
      ))}
    </ul>
  );
}
