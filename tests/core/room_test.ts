/** For how many days there is room. */
import { daysLeft } from "@/core/room.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("room is counted in whole days at the pace of a week, down to where nothing new starts", () => {
  const gb = 1e9;
  const left = (freeBytes: number | null, cameBytes: number) =>
    daysLeft({ freeBytes, minBytes: 5 * gb, cameBytes });
  assertEquals(left(75 * gb, 7 * gb), 70);
  assertEquals(left(5.9 * gb, 7 * gb), 0);
  assertEquals(left(3 * gb, 7 * gb), 0);
  assertEquals([left(75 * gb, 0), left(null, 7 * gb)], [null, null]);
});
