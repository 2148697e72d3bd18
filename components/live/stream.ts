/** One event stream per tab: opened while somebody listens and the page is seen, taken up again where it was, closed when not needed. */
import type { News } from "./news.ts";

/**
 * `lost`: the studio does not answer, and is tried again. `signed_out`: the session has ended. `crowded`: other tabs of
 * this person took the stream; it comes back when this one is looked at again.
 */
export type Link = "off" | "opening" | "open" | "lost" | "signed_out" | "crowded";

/** The part of an EventSource that is used. */
export interface Source {
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(type: string, hear: (event: MessageEvent<string>) => void): void;
  close(): void;
}

/** The tab around the stream. */
export interface Tab {
  openSource(url: string): Source;
  isHidden(): boolean;
  /** Calls back when the page is hidden, shown, left or come back to, and when the network returns. */
  onTurn(turned: () => void): void;
  /** False when the session has ended; throws when the studio does not answer. */
  isSignedIn(): Promise<boolean>;
  /** Returns the way to call it off. */
  after(ms: number, act: () => void): () => void;
  /** Some page promised to tell the end: it keeps listening while hidden. */
  hasPromised(): boolean;
  /** Told first of all and at each change: a word for everybody while nothing new starts, else null. */
  onMaintenance(note: string | null): void;
  /** Told at each change. */
  onLink(link: Link): void;
}

interface Ear {
  /** Null for every job. */
  ids: string[] | null;
  hear(news: News): void;
}

/** The events of the stream, as `core/shown.ts` types them. */
const READ: Record<string, (data: string) => News> = {
  snapshot: (data) => ({ kind: "snapshot", ...JSON.parse(data) }),
  job: (data) => ({ kind: "job", ...JSON.parse(data) }),
  progress: (data) => ({ kind: "progress", progress: JSON.parse(data) }),
};

const CLOSED = 2;
/** A short break is not worth a word. */
const PATIENCE_MS = 2500;
const WAIT_MIN_MS = 2000;
const WAIT_MAX_MS = 30_000;

export class Stream {
  readonly #tab: Tab;
  readonly #ears = new Set<Ear>();
  #source: Source | null = null;
  #address = "";
  #cursor: string | null = null;
  #link: Link = "off";
  #wait = WAIT_MIN_MS;
  #retry: (() => void) | null = null;
  #impatience: (() => void) | null = null;
  #isDue = false;

  constructor(tab: Tab) {
    this.#tab = tab;
    tab.onTurn(() => {
      if (this.#link === "crowded" && !tab.isHidden()) this.#say("off");
      this.#look();
    });
  }

  /** `after`: number of the newest event that the listener's page knows. Returns the way to stop. */
  listen(ids: string[] | null, hear: (news: News) => void, after: number | null = null): () => void {
    const ear = { ids, hear };
    if (this.#ears.size === 0) this.#cursor = after === null ? null : String(after);
    else {
      // Whoever comes later needs the present, not what comes next.
      this.#cursor = null;
      this.#drop();
    }
    this.#ears.add(ear);
    this.#look();
    return () => {
      this.#ears.delete(ear);
      this.#look();
    };
  }

  /** Opens, closes or changes the stream, once for all that happens in one go. */
  #look(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#link === "signed_out" || this.#link === "crowded") return;
      const address = this.#wantedAddress();
      if (address === null) return this.#close("off");
      if (this.#source !== null && address === this.#address) return;
      this.#drop();
      this.#open(address);
    });
  }

  /** Null when no stream is wanted now. */
  #wantedAddress(): string | null {
    const isSeen = !this.#tab.isHidden() || this.#tab.hasPromised();
    if (this.#ears.size === 0 || !isSeen) return null;
    const all = [...this.#ears].flatMap((ear) => ear.ids ?? [null]);
    return all.includes(null) ? "" : [...new Set(all)].sort().join(",");
  }

  #open(address: string): void {
    const query = new URLSearchParams();
    if (address !== "") query.set("jobs", address);
    if (this.#cursor !== null) query.set("after", this.#cursor);
    const asked = query.toString();
    const source = this.#tab.openSource(`/api/events${asked === "" ? "" : `?${asked}`}`);
    this.#source = source;
    this.#address = address;
    if (this.#link !== "lost") this.#say("opening");
    this.#growImpatient();
    source.onopen = () => {
      this.#calm();
      this.#wait = WAIT_MIN_MS;
      this.#say("open");
    };
    source.onerror = () => this.#source === source && this.#onError(source);
    for (const [type, read] of Object.entries(READ)) {
      source.addEventListener(type, (event) => this.#source === source && this.#tell(event, read));
    }
    source.addEventListener("maintenance", ({ data }) => this.#tab.onMaintenance(JSON.parse(data).note));
    source.addEventListener("replaced", () => this.#source === source && this.#close("crowded"));
  }

  #tell(event: MessageEvent<string>, read: (typeof READ)[string]): void {
    if (event.lastEventId !== "") this.#cursor = event.lastEventId;
    const news = read(event.data);
    for (const ear of [...this.#ears]) ear.hear(news);
  }

  /** A source that is only connecting tries by itself; one that was refused has to be opened anew. */
  #onError(source: Source): void {
    this.#growImpatient();
    if (source.readyState !== CLOSED) return;
    this.#source = null;
    this.#retry?.();
    this.#retry = this.#tab.after(this.#wait, () => void this.#tryAgain());
    this.#wait = Math.min(this.#wait * 2, WAIT_MAX_MS);
    void this.#checkSession();
  }

  async #tryAgain(): Promise<void> {
    this.#retry = null;
    if (await this.#checkSession()) this.#look();
  }

  async #checkSession(): Promise<boolean> {
    const isSignedIn = await this.#tab.isSignedIn().catch(() => true);
    if (!isSignedIn) this.#close("signed_out");
    return isSignedIn;
  }

  #growImpatient(): void {
    this.#impatience ??= this.#tab.after(PATIENCE_MS, () => this.#say("lost"));
  }

  #calm(): void {
    this.#impatience?.();
    this.#impatience = null;
  }

  #close(link: Link): void {
    this.#drop();
    this.#say(link);
  }

  #drop(): void {
    this.#calm();
    this.#retry?.();
    this.#retry = null;
    this.#source?.close();
    this.#source = null;
  }

  #say(link: Link): void {
    if (link === this.#link) return;
    this.#link = link;
    this.#tab.onLink(link);
  }
}
