/** What the API shows of links to results, as pages read it. Times are ISO 8601, UTC. */

/** A link that shows one result. The address is told once, when it is made. */
export interface ShownShare {
  id: string;
  jobId: string;
  state: "open" | "expired" | "revoked";
  createdAt: string;
  expiresAt: string;
}

export interface ShownNewShare extends ShownShare {
  url: string;
}

/** What whoever has a link may see. */
export interface ShownShared {
  title: string;
  draft: boolean;
  type: string;
  mime: string;
  seconds: number | null;
  width: number | null;
  height: number | null;
  fileUrl: string;
  posterUrl: string | null;
  expiresAt: string;
}
