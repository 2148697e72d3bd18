/** The door to stored files. */
export { type BucketSettings, openBucket } from "./bucket.ts";
export { openS3Storage } from "./s3.ts";
export {
  hashFile,
  type HouseStorage,
  listFiles,
  type LocalStorageOptions,
  openLocalStorage,
} from "./local.ts";
