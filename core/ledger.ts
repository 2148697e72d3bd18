/** The ledger: what every step took in seconds, bytes and money, and what is set aside for paid providers before they are asked. */

/** A server's card, the studio's own machine, or somebody who is paid by call. */
export type LedgerKind = "gpu" | "local" | "provider";

export interface LedgerEntry {
  /** Of a prompt its id, of work in the studio that of its effect, of a call to a provider its key: once per cause. */
  id: string;
  userId: string;
  jobId: string;
  stepId: string;
  kind: LedgerKind;
  /** The server or the provider; empty for the studio itself. */
  place: string;
  /** `reserved`: set aside, and no more than an estimate. `released`: never spent. */
  state: "reserved" | "spent" | "released";
  seconds: number;
  bytes: number;
  estimate: number;
  money: number;
  at: number;
}

/** What a paid call would cost at most, and what its job may cost in all. */
export interface Reservation extends Pick<LedgerEntry, "id" | "userId" | "jobId" | "stepId" | "place"> {
  estimate: number;
  cap: number;
}

export interface Budget {
  /** Money that a job has spent, with GPUs and providers. */
  spent: number;
  /** Estimates of calls that have not come back. */
  reserved: number;
}

/** For whoever pays by call: nothing is asked of a provider before its price is set aside. */
export interface Budgets {
  of(jobId: string): Promise<Budget>;
  /** False where the cap would be passed, and nothing is set aside. The same id again is one reservation. */
  reserve(reservation: Reservation): Promise<boolean>;
  /** What it cost in the end, also when that is more than was set aside. */
  settle(id: string, actual: { money: number; seconds?: number; bytes?: number }): Promise<void>;
  /** It was never asked, or costs nothing. */
  release(id: string): Promise<void>;
}

/** To a millionth: sums of such amounts do not depend on the order in which they are added up. */
export function gpuMoney(seconds: number, costHour: number): number {
  return Math.round(seconds / 3600 * costHour * 1e6) / 1e6;
}

export function fitsBudget({ spent, reserved }: Budget, estimate: number, cap: number): boolean {
  return spent + reserved + estimate <= cap;
}
