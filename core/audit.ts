/** The record of what operators change: who, when, from where, before and after. Nothing in it is ever changed. */

/** Whoever makes a change, as the request showed them. */
export interface By {
  userId: string;
  /** The API token, where a program of theirs asked. */
  tokenId: string | null;
  /** Network address. */
  address: string;
}

/** By the studio itself, as it is set, or by whoever runs the machine, over the data folder. */
export type Doer = By | "machine" | null;

/** What is told of, and what may have been done to it. */
export const AUDITED = {
  backend: ["up", "drain", "use", "add", "edit", "remove"],
  studio: ["drain", "open"],
  setting: ["store", "drop"],
  storage: ["sweep"],
  project: ["keep"],
  queue: ["export", "import", "cancel", "pause", "resume", "reprioritise", "move"],
  job: ["cancel", "pause", "resume", "retry", "reprioritise", "move", "edit"],
  letter: ["retry", "drop"],
  template: ["take"],
  person: ["change", "password_link"],
  invitation: ["make", "revoke"],
  token: ["make", "revoke"],
  webhook: ["on", "off", "remove", "replay"],
} as const;
export type AuditedThing = keyof typeof AUDITED;
export const AUDITED_THINGS = Object.keys(AUDITED) as [AuditedThing, ...AuditedThing[]];
/** As `backend.drain`. */
export type AuditAction = { [T in AuditedThing]: `${T}.${(typeof AUDITED)[T][number]}` }[AuditedThing];

/** Flat facts; null where there was nothing before or is nothing after. */
export type AuditFacts = Record<string, string | number | boolean | null> | null;

export interface AuditEntry {
  action: AuditAction;
  /** Id of what was changed. */
  subject: string;
  before: AuditFacts;
  after: AuditFacts;
}

export interface AuditRecord extends AuditEntry {
  seq: number;
  at: number;
  /** The studio did it by itself, as it is set. */
  byStudio: boolean;
  /** Whoever runs the machine did it, over the data folder. */
  byMachine: boolean;
  /** Null once the person has left. */
  person: { id: string; email: string } | null;
  tokenId: string | null;
  address: string | null;
  /** What it is about, as people call it: address of a person, name of a server, title of a film; null once it is gone. */
  about: string | null;
}

export interface AuditFilter {
  thing: AuditedThing | null;
  personId: string | null;
  subject: string | null;
  /** From this time on, and before that one. */
  from: number | null;
  until: number | null;
}

export interface Audit {
  /** Newest first, those before `before`. */
  list(filter: AuditFilter, page: { before: number | null; limit: number }): Promise<AuditRecord[]>;
  /** For what no transaction of the database carries. */
  note(entry: AuditEntry, by: By): Promise<void>;
}

const SECRET = /secret|password|token|hash|cookie|authorization|api_?key/i;

/** The same facts without what opens anything: secrets by their names, and what stands before the @ of an address. */
export function withoutSecrets(facts: AuditFacts): AuditFacts {
  if (facts === null) return null;
  const kept = Object.entries(facts).map(([name, value]) => {
    if (SECRET.test(name) && value !== null) return [name, "[secret]"];
    return [name, typeof value === "string" ? value.replace(/(\w:\/\/)[^\s/@]*@/g, "$1[secret]@") : value];
  });
  return Object.fromEntries(kept);
}
