/** Every migration in the order in which they run. Files that have been released never change. */
import { runtime } from "./0001_runtime.ts";
import { product } from "./0002_product.ts";
import { domain } from "./0003_domain.ts";
import { library } from "./0006_library.ts";
import { account } from "./0007_account.ts";
import { queue } from "./0008_queue.ts";
import { many } from "./0012_many.ts";
import { servers } from "./0013_servers.ts";
import { audit } from "./0015_audit.ts";
import { tokens } from "./0015_tokens.ts";
import { webhooks } from "./0016_webhooks.ts";
import { fairness } from "./0017_fairness.ts";
import { quotas } from "./0018_quotas.ts";
import { traces } from "./0019_trace.ts";
import { spent } from "./0020_spent.ts";
import { search } from "./0022_search.ts";
import { faring } from "./0024_faring.ts";
import { failed } from "./0025_failed.ts";
import { front } from "./0026_front.ts";
import { userRev } from "./0027_user_rev.ts";
import { usualHeader } from "./0028_usual_header.ts";
import type { Migration } from "./kit.ts";

export const MIGRATIONS: readonly Migration[] = [
  runtime,
  product,
  domain,
  library,
  account,
  queue,
  many,
  servers,
  tokens,
  audit,
  webhooks,
  fairness,
  quotas,
  traces,
  spent,
  search,
  faring,
  failed,
  front,
  userRev,
  usualHeader,
];
