/** Limits, use and cost as the API shows them. */

export interface ShownUse {
  limits: { queued: number; running: number | null; gpuMinutes: number | null; diskBytes: number | null };
  queued: number;
  running: number;
  /** Of the last 24 hours. */
  gpuSeconds: number;
  diskBytes: number;
  /** What films that wait or are under way will still take, where a limit asks for it. */
  reserved: { gpuSeconds: number; bytes: number };
  /** Of the last 30 days. */
  money: number;
  currency: string;
  /** When minutes are free again; null while some are. */
  freesAt: string | null;
}

export interface ShownSpend {
  currency: string;
  items: {
    userId: string;
    email: string | null;
    day: { gpuSeconds: number; money: number };
    month: { gpuSeconds: number; money: number };
    diskBytes: number;
  }[];
}
