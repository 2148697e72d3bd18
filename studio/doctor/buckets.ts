/** The doctor's look at buckets: that of the studio's own files, and the one where finished takes are sent. */
import { openBucket } from "@/adapters/storage/mod.ts";
import type { Config } from "@/core/config.ts";
import type { Finding } from "@/core/finding.ts";
import { problemOf } from "@/core/problem.ts";
import { bucketOf } from "../storage.ts";

const BUCKETS = { STORAGE: "files", UPLOAD: "delivery" } as const;

/** One line for each bucket; without one the files are here and nothing is sent. */
export async function examineBuckets(config: Config): Promise<Finding[]> {
  return [await examineBucket(config, "STORAGE"), await examineBucket(config, "UPLOAD")];
}

async function examineBucket(config: Config, which: keyof typeof BUCKETS): Promise<Finding> {
  const part = BUCKETS[which];
  const settings = bucketOf(config, which);
  const { place, variable } = settings;
  try {
    const bucket = openBucket(settings);
    if (bucket === null) {
      return { part, state: "ok", text: which === "STORAGE" ? "in the data folder" : "no bucket is set" };
    }
    // Listing needs address, key and right at once, and writes nothing.
    await bucket.list().next();
    return { part, state: "ok", text: `${place} answers and lets this key list its files` };
  } catch (thrown) {
    const { message, operator } = problemOf(thrown);
    const name = variable.replace("_URL", "");
    const remedy =
      `Look at ${variable}, ${name}_ENDPOINT, ${name}_REGION and ${name}_KEY_ID, and at what the key may do there.`;
    return {
      part,
      state: "bad",
      text: `${place} does not answer as it should: ${operator ?? message}`,
      remedy,
    };
  }
}
