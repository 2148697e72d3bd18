/** What operators do with templates: see all versions, bring a graph of their own, take it in. */
import type { Manifest } from "./template.ts";
import type { Brought, Proposal } from "./workflow/import/mod.ts";

export interface TemplateVersion {
  version: string;
  state: Manifest["state"];
  verified: Manifest["verified"];
  /** One of the studio's own, not shipped with it. */
  own: boolean;
}

export interface TemplateNote {
  id: string;
  title: string;
  mode: string;
  submode: string | null;
  /** Taken only when a request names it. */
  byName: boolean;
  /** The newest first. */
  versions: TemplateVersion[];
}

export interface OwnTemplates {
  list(): TemplateNote[];
  /** Folders that could not be loaded, and why. */
  broken(): { template: string; text: string }[];
  /** The version that a template has by now; null where it is no newer than this one. */
  newer(of: { name: string; version: string }): string | null;
  /** The preset for little memory, and the usual one; null where a template has none for little memory, or is gone. */
  lightest(of: { name: string; version: string }): { name: string; title: string; usual: string } | null;
  /** Asks the servers that are up for node classes that nothing here knows. */
  propose(brought: Brought, signal: AbortSignal): Promise<Proposal>;
  /**
   * The same, and written when nothing is wrong: from then on it can be asked for. Files know no transaction, so `before` is
   * called when nothing is wrong and nothing is written yet.
   */
  accept(
    brought: Brought,
    signal: AbortSignal,
    before: (proposal: Proposal) => Promise<void>,
  ): Promise<Proposal & { written: boolean }>;
}
