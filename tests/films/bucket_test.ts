/** A studio whose files live in a bucket makes a film like any other, and needs no copy of it here. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { ENV, openStandIn } from "@/tests/adapters/storage/stand_in.ts";
import { openRig } from "@/tests/rig/rig.ts";
import { openTestMedia } from "./watch.ts";

Deno.test("[XC14] with STORAGE_URL uploads and films lie in the bucket, and are served from there when no copy is left", async () => {
  await using store = openStandIn();
  await using rig = await openRig({
    env: {
      STORAGE_URL: "s3://studio/films",
      STORAGE_ENDPOINT: store.url,
      STORAGE_REGION: ENV.UPLOAD_REGION,
      STORAGE_KEY_ID: ENV.UPLOAD_KEY_ID,
      STORAGE_SECRET: ENV.UPLOAD_SECRET,
    },
  });
  const { person, dir } = rig;
  const cast = await person.bringCast();
  const { id } = await person.perform(cast, { seconds: 0.5 });
  const job = await person.waitForEnd(id);
  assertEquals([job.status, job.problem], ["completed", null]);
  for await (const { name } of Deno.readDir(`${dir}/data/cache`)) {
    if (name !== "parts") await Deno.remove(`${dir}/data/cache/${name}`, { recursive: true });
  }
  const address = (job.outputs[0]?.url ?? "").replace(/^\/api/, "");
  const whole = await (await person.send("GET", address)).bytes();
  await Deno.writeFile(`${dir}/film.mp4`, whole);
  const { video, audio } = await (await openTestMedia()).probe(`${dir}/film.mp4`);
  assertEquals([video?.frames, audio === null], [8, false]);
  assert([...store.objects.keys()].every((key) => /^\/studio\/films\/[0-9a-f]{2}\/[0-9a-f]{2}\//.test(key)));
});
