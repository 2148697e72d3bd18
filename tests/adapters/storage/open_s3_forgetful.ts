/** Storage in a bucket that keeps nothing, so that what a process holds is what storing costs. */
import * as s3 from "./open_s3.ts";

export const open = () => s3.open({ forgetful: true });
