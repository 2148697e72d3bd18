/** Finished takes are sent to a bucket and verified there, may go from here only then, and the rented machine stops once. */
import { openBucket } from "@/adapters/storage/bucket.ts";
import { readConfig } from "@/core/config.ts";
import { problemOf } from "@/core/problem.ts";
import { bucketOf } from "@/studio/storage.ts";
import { deliverAll, deliveredName } from "@/tasks/take/deliver.ts";
import { readOptions } from "@/tasks/take/options.ts";
import type { Ended } from "@/tasks/take/run.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { ENV, openStandIn, type StandIn } from "@/tests/adapters/storage/stand_in.ts";

const NOW = new Date("2025-05-02T19:39:31.250Z");
const NAME = "harbour_walk_20250502_193931.mp4";
const KEY = `/films/takes/${NAME}`;

function configOf(store: StandIn, more: Record<string, string> = {}) {
  const config = readConfig({
    ...ENV,
    UPLOAD_URL: "s3://films/takes",
    UPLOAD_ENDPOINT: store.url,
    RUNPOD_URL: store.url,
    ...more,
  });
  assert(config.ok, JSON.stringify(config));
  return config.value;
}

interface Desk extends AsyncDisposable {
  store: StandIn;
  film: string;
  said: string[];
  trashed: string[];
  takes: Ended[];
  deliver(args?: string[], more?: Record<string, string>): Promise<void>;
}

async function openDesk(): Promise<Desk> {
  const dir = await Deno.makeTempDir();
  const film = `${dir}/harbour_walk.mp4`;
  await Deno.writeTextFile(film, "a film of ten pieces");
  const store = openStandIn();
  const desk: Desk = {
    store,
    film,
    said: [],
    trashed: [],
    takes: [takeOf("harbour_walk", film)],
    async deliver(args = [], more = {}) {
      const options = readOptions(["x.txt", ...args]);
      assert(typeof options !== "string", String(options));
      const client = { trash: (id: string) => Promise.resolve(void desk.trashed.push(id)) };
      const say = (text: string) => void desk.said.push(text);
      await deliverAll(desk.takes, { config: configOf(store, more), options, client, say, now: NOW });
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
  return desk;
}

function takeOf(name: string, film: string, status = "completed"): Ended {
  return { id: `id of ${name}`, name, status, why: "", film, seconds: 1, pieces: 2, drift: null };
}

const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);

Deno.test("[PR36] a film is uploaded under video and time, whole or in parts, signed, verified, and its address is kept", async () => {
  await using desk = await openDesk();
  const { store, film } = desk;
  assertEquals(deliveredName("harbour_walk", NOW), NAME);
  await desk.deliver();
  const url = `${store.url}${KEY}`;
  assertEquals(new TextDecoder().decode(store.objects.get(KEY)), "a film of ten pieces");
  assertEquals([desk.takes[0]?.film, desk.takes[0]?.status], [url, "completed"]);
  assertEquals(JSON.parse(await Deno.readTextFile(film.replace(".mp4", ".upload.json"))).url, url);
  assertEquals(store.asked, [`PUT ${KEY}`, `HEAD ${KEY}`]);
  assertEquals(await isThere(film), true);
  // In parts of eight bytes; a tag that is no hash of the content makes the store be asked for all of it.
  const parts = openBucket(bucketOf(configOf(store), "UPLOAD"), { partBytes: 8 });
  for (const fault of ["none", "tags anew"] as const) {
    store.fault = fault;
    store.objects.clear();
    await parts?.put(film, NAME, { mime: "video/mp4" });
    assertEquals(new TextDecoder().decode(store.objects.get(KEY)), "a film of ten pieces");
  }
  assertEquals([store.open.size, store.asked.filter((text) => !text.includes(" ")).length], [0, 0]);
  assertEquals(store.asked.at(-1), `GET ${KEY}`);
  const google = openBucket(bucketOf(configOf(store, { UPLOAD_URL: "gs://films/takes" }), "UPLOAD"));
  assertEquals((await google?.put(film, NAME, { mime: "video/mp4" }))?.url, url);
});

Deno.test("[PR37] a film goes from here only after it arrived whole; a failed upload keeps it and is tried again alone", async () => {
  await using desk = await openDesk();
  const { store, film } = desk;
  for (const fault of ["refuses", "truncates", "changes"] as const) {
    store.fault = fault;
    desk.takes = [takeOf("harbour_walk", film)];
    await desk.deliver(["--remove-local"]);
    assertEquals(
      [await isThere(film), desk.trashed, desk.takes[0]?.status],
      [true, [], "not uploaded"],
      fault,
    );
  }
  store.fault = "none";
  desk.takes = [takeOf("harbour_walk", film)];
  await desk.deliver();
  const asked = store.asked.length;
  desk.takes = [takeOf("harbour_walk", film)];
  await desk.deliver(["--remove-local"]);
  // It is there already: nothing is sent a second time.
  assertEquals([store.asked.length, await isThere(film), desk.trashed], [asked, false, [
    "id of harbour_walk",
  ]]);
  const secret = ENV.UPLOAD_SECRET;
  assert(!desk.said.join("").includes(secret) && !store.asked.join("").includes(secret));
});

Deno.test("[PR37] parts of an upload that failed are not left behind", async () => {
  await using desk = await openDesk();
  const store = openBucket(bucketOf(configOf(desk.store), "UPLOAD"), { partBytes: 8 });
  desk.store.fault = "refuses later parts";
  await assertRejects(
    () => store?.put(desk.film, NAME, { mime: "video/mp4" }) ?? Promise.resolve(),
    (thrown) => assertEquals(problemOf(thrown).code, "upload.failed"),
  );
  assert(desk.store.asked.some((text) => text.startsWith("DELETE")));
  assertEquals([desk.store.open.size, desk.store.objects.size], [0, 0]);
});

Deno.test("[PR38] without upload the film stays, and nobody is asked", async () => {
  await using desk = await openDesk();
  await desk.deliver(["--no-upload", "--remove-local"]);
  assertEquals([desk.store.asked, await isThere(desk.film), desk.takes[0]?.film], [[], true, desk.film]);
});

Deno.test("[PR39] the machine is stopped only when asked, once, and only after every take has ended", async () => {
  await using desk = await openDesk();
  const pod = { RUNPOD_POD_ID: "p1", RUNPOD_API_KEY: "key" };
  const pods = () => desk.store.asked.filter((text) => text.includes("/pods/"));
  const [done, open] = [takeOf("a", ""), takeOf("b", "", "stopped")];
  desk.takes = [done, takeOf("c", "", "failed")];
  await desk.deliver(["--no-upload"], pod);
  assertEquals(pods(), []);
  desk.takes = [done, open];
  await desk.deliver(["--no-upload", "--pod", "stop"], pod);
  assertEquals(pods(), []);
  desk.takes = [done, takeOf("c", "", "failed"), takeOf("d", "")];
  await desk.deliver(["--no-upload", "--pod", "stop"], pod);
  await desk.deliver(["--no-upload", "--pod", "terminate"], pod);
  assertEquals(pods(), ["POST /pods/p1/stop", "DELETE /pods/p1"]);
});

Deno.test("[PR40] without the id of a pod a warning is said, and nothing fails", async () => {
  await using desk = await openDesk();
  await desk.deliver(["--no-upload", "--pod", "stop"], { RUNPOD_API_KEY: "key" });
  assertEquals(desk.said, ["RUNPOD_POD_ID or RUNPOD_API_KEY is missing: no machine is stopped.\n"]);
  assertEquals([desk.store.asked, desk.takes[0]?.status], [[], "completed"]);
});
