/** Storage in a bucket of a stand-in, for the suite and for the process that measures memory. */
import { openBucket } from "@/adapters/storage/bucket.ts";
import { type HouseStorage, openLocalStorage } from "@/adapters/storage/local.ts";
import { openS3Storage } from "@/adapters/storage/s3.ts";
import { Secret } from "@/core/config.ts";
import { assert } from "@/tests/assert.ts";
import { ENV, openStandIn, type StandIn } from "./stand_in.ts";
import { clockAt, ids, log } from "./open_local.ts";
import type { SuiteStorage } from "./suite.ts";

export interface S3Suite extends SuiteStorage {
  storage: HouseStorage;
  store: StandIn;
  dir: string;
}

export async function open({ bytesMax = 1e9, forgetful = false } = {}): Promise<S3Suite> {
  const dir = await Deno.makeTempDir();
  const store = openStandIn({ forgetful });
  const clock = clockAt(() => Date.now());
  const bucket = openBucket({
    place: "s3://studio/films",
    endpoint: store.url,
    region: ENV.UPLOAD_REGION,
    keyId: ENV.UPLOAD_KEY_ID,
    secret: new Secret(ENV.UPLOAD_SECRET),
    variable: "STORAGE_URL",
  });
  assert(bucket);
  const root = `${dir}/copies`;
  const copies = await openLocalStorage({ root, scratchRoot: `${dir}/work`, log, clock, ids });
  return {
    storage: openS3Storage({ bucket, copies, root, bytesMax, clock }),
    store,
    dir,
    damage(name) {
      const key = [...store.objects.keys()].find((key) => key.endsWith(name)) ?? "";
      store.objects.set(key, new Uint8Array(3));
      return Promise.resolve();
    },
    leftovers: () => Promise.resolve([...Deno.readDirSync(`${root}/parts`)].map((entry) => entry.name)),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
