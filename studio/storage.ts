/** Where files go: to a folder here, or to a bucket with copies of those in use here. */
import {
  type BucketSettings,
  type HouseStorage,
  openBucket,
  openLocalStorage,
  openS3Storage,
} from "@/adapters/storage/mod.ts";
import type { Config } from "@/core/config.ts";
import type { Clock, Ids, Log } from "@/core/ports.ts";
import { placesOf } from "./places.ts";

/** Throws studio.config for a bucket without a key. */
export async function openStorage(
  config: Config,
  parts: { log: Log; clock: Clock; ids: Ids },
): Promise<HouseStorage> {
  const { root, scratchRoot } = placesOf(config);
  const local = await openLocalStorage({ root, scratchRoot, ...parts });
  const bucket = openBucket(bucketOf(config, "STORAGE"));
  if (bucket === null) return local;
  const bytesMax = config.STORAGE_CACHE_GB * 1e9;
  return openS3Storage({ bucket, copies: local, root, bytesMax, clock: parts.clock });
}

/** The bucket for the studio's own files, or the one where finished takes are sent. */
export function bucketOf(config: Config, which: "STORAGE" | "UPLOAD"): BucketSettings {
  return {
    place: config[`${which}_URL`],
    endpoint: config[`${which}_ENDPOINT`],
    region: config[`${which}_REGION`],
    keyId: config[`${which}_KEY_ID`],
    secret: config[`${which}_SECRET`],
    variable: `${which}_URL`,
  };
}
