/** For operators: the webhooks of all people. */
import { page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { WebhookTable } from "@/components/admin/webhooks.tsx";
import { Icon } from "@/components/icon.tsx";
import * as icons from "@/components/icons.ts";
import type { ShownSomebodysWebhook } from "@/core/shown_webhooks.ts";
import { webhooks as words } from "@/core/words/webhooks.ts";
import { read } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";

const HERE = "/admin/webhooks";

export const handler = define.handlers({
  async GET(ctx) {
    const cursor = ctx.url.searchParams.get("cursor");
    const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const { items, next } = await read<{ items: ShownSomebodysWebhook[]; next: string | null }>(
      ctx,
      `/api${HERE}${query}`,
    );
    const isRemoved = ctx.url.searchParams.get("done") === "removed";
    const done = isRemoved ? words.done.removed ?? "" : "";
    return page({ items, next, done, now: ctx.state.studio.clock.now() });
  },
});

export default define.page<typeof handler>(({ data: { items, next, done, now } }) => (
  <AdminFrame here={HERE} now={now} done={done}>
    <p class="small second">{words.all.about}</p>
    {items.length === 0
      ? (
        <div class="empty">
          <Icon of={icons.webhook} />
          <p>{words.all.empty}</p>
        </div>
      )
      : <WebhookTable webhooks={items} at={HERE} now={now} />}
    {next !== null && (
      <p>
        <a class="btn slim" href={`${HERE}?cursor=${next}`}>{words.all.further}</a>
      </p>
    )}
  </AdminFrame>
));
