/** For operators: what lies in storage, and for how long there is room. */
import { page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Stored } from "@/components/admin/stored.tsx";
import type { ShownRoom } from "@/core/shown_room.ts";
import { read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const room = await read<ShownRoom>(ctx, "/api/admin/storage");
    return page({ room, now: ctx.state.studio.clock.now() });
  },
});

export default define.page<typeof handler>(({ data: { room, now } }) => (
  <AdminFrame here="/admin/storage" now={now}>
    <Stored room={room} />
  </AdminFrame>
));
