/** Which ComfyUI the draft renderer claims to be, and what that version does differently. */

export const VERSIONS = ["0.3.64", "0.7.0", "0.8.0", "0.25.0", "0.28.0", "0.33.0", "0.38.0"] as const;
export type Version = (typeof VERSIONS)[number];

export interface Traits {
  /** `/api/jobs` and `/api/jobs/{id}` exist. */
  jobs: boolean;
  /** `/api/jobs/{id}/cancel` and `/api/jobs/cancel` exist. */
  jobsCancel: boolean;
  /** `extra_data.create_time` is added, and keys of paid nodes are hidden from listings. */
  createTime: boolean;
  /** Jobs that were interrupted are told as cancelled, and previewable outputs are counted; before that they failed. */
  jobsCancelled: boolean;
  /** Requests of other sites' pages are known by `Sec-Fetch-Site` too. */
  fetchSite: boolean;
  /** A `prompt_id` must be a canonical lower-case UUID. */
  uuidRule: boolean;
  /** Unknown classes answer `missing_node_type`; older servers say `invalid_prompt`. */
  missingNodeType: boolean;
  /** Cycles are found by validation; older servers run out of stack. */
  dependencyCycle: boolean;
  /** The assets routes exist (and answer 503, since they are switched off). */
  assets: boolean;
  /** Cached outputs are written to history also for prompts without a client; some releases left them out. */
  cachedOutputs: boolean;
  /** `SaveVideo.format` is a dynamic combo. */
  saveVideoDynamic: boolean;
  /** Unknown options of dynamic combos are refused by validation. */
  invalidDynamicInput: boolean;
}

export function traitsOf(version: Version): Traits {
  const at = VERSIONS.indexOf(version);
  const since = (first: Version): boolean => at >= VERSIONS.indexOf(first);
  return {
    jobs: since("0.7.0"),
    jobsCancel: since("0.25.0"),
    jobsCancelled: since("0.25.0"),
    fetchSite: since("0.25.0"),
    createTime: since("0.7.0"),
    uuidRule: since("0.25.0"),
    missingNodeType: since("0.25.0"),
    dependencyCycle: since("0.25.0"),
    assets: since("0.25.0"),
    cachedOutputs: version === "0.3.64" || since("0.33.0"),
    saveVideoDynamic: since("0.33.0"),
    invalidDynamicInput: since("0.38.0"),
  };
}

export function isVersion(text: string): text is Version {
  return VERSIONS.some((version) => version === text);
}
