/** The frame rules of shots: what a model can make of a wish. */
import { snapFrames } from "@/core/planners/shot.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("[LX5] frames snap to 8n + 1 from 9 on and to 4n + 1 from 5 on, upwards or to the nearest", () => {
  const up = [1, 9, 10, 72, 73, 75, 121].map((frames) => snapFrames(frames, "8n+1", "up"));
  assertEquals(up, [9, 9, 17, 73, 73, 81, 121]);
  const nearest = [1, 10, 12, 14, 76, 77, 78].map((frames) => snapFrames(frames, "8n+1", "nearest"));
  assertEquals(nearest, [9, 9, 9, 17, 73, 81, 81]);
  assertEquals([1, 6, 81, 82].map((frames) => snapFrames(frames, "4n+1", "up")), [5, 9, 81, 85]);
  assertEquals([1, 16].map((frames) => snapFrames(frames, "any", "nearest")), [1, 16]);
});
