/** Runs one share of a batch of seeds in a thread of its own. */
/// <reference lib="deno.worker" />
import { type Batch, runBatch } from "./batch.ts";

self.onmessage = async (event: MessageEvent<Batch>) => self.postMessage(await runBatch(event.data));
