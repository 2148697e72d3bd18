/** Variables of object stores: where the studio's files may live, and where finished takes are sent. */
import { secret, text, url, type Variable, whole } from "./config_kinds.ts";

/** Where object stores answer; `REGION` stands for the region. */
export const OBJECT_STORES = {
  s3: "https://s3.REGION.amazonaws.com",
  gs: "https://storage.googleapis.com",
} as const;

const place = text.regex(
  /^$|^(s3|gs):\/\/[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](\/[\w./-]*)?$/,
  "must be s3:// or gs://",
);
const region = text.regex(/^[a-z0-9-]+$/, "must be the name of a region");

export const STORAGE_STORE = {
  STORAGE_URL: {
    group: "Storage",
    about:
      "Bucket for uploaded and finished files, of this studio alone: s3://bucket/folder or gs://bucket/folder; empty for local files.",
    fallback: "",
    schema: place,
  },
  STORAGE_ENDPOINT: {
    group: "Storage",
    about: "Address of another S3-compatible store; empty for that of Amazon or Google.",
    fallback: "",
    schema: url,
  },
  STORAGE_REGION: {
    group: "Storage",
    about: "Region of the bucket.",
    fallback: "us-east-1",
    schema: region,
  },
  STORAGE_KEY_ID: {
    group: "Storage",
    about: "Access key of the bucket; for Google an HMAC key.",
    fallback: "",
    schema: text,
  },
  STORAGE_SECRET: {
    group: "Storage",
    about: "Secret of the access key.",
    fallback: "",
    schema: secret,
  },
  STORAGE_CACHE_GB: {
    group: "Storage",
    about: "Most gigabytes of the bucket's files that are kept here as well, in DATA_DIR/cache.",
    fallback: "20",
    schema: whole(1, 100_000),
  },
} as const satisfies Record<string, Variable>;

export const DELIVERY = {
  UPLOAD_URL: {
    group: "Delivery",
    about: "Where finished takes are sent: s3://bucket/folder or gs://bucket/folder; empty for nowhere.",
    fallback: "",
    schema: place,
  },
  UPLOAD_ENDPOINT: {
    group: "Delivery",
    about: "Address of another S3-compatible store; empty for that of Amazon or Google.",
    fallback: "",
    schema: url,
  },
  UPLOAD_REGION: {
    group: "Delivery",
    about: "Region of the bucket.",
    fallback: "us-east-1",
    schema: region,
  },
  UPLOAD_KEY_ID: {
    group: "Delivery",
    about: "Access key; for Google an HMAC key.",
    fallback: "",
    schema: text,
  },
  UPLOAD_SECRET: {
    group: "Delivery",
    about: "Secret of the access key.",
    fallback: "",
    schema: secret,
  },
  RUNPOD_URL: {
    group: "Delivery",
    about: "Where RunPod answers.",
    fallback: "https://rest.runpod.io/v1",
    schema: url,
  },
  RUNPOD_API_KEY: {
    group: "Delivery",
    about: "Key of RunPod, for `deno task take --pod`. Optional.",
    fallback: "",
    schema: secret,
  },
  RUNPOD_POD_ID: {
    group: "Delivery",
    about: "The pod that is stopped when asked; RunPod sets it inside a pod.",
    fallback: "",
    schema: text,
  },
} as const satisfies Record<string, Variable>;
