/** The stream of this tab, and what pages may know of it: how it stands, and what time it is. Only for browsers. */
import { signal } from "@preact/signals";
import type { News } from "./news.ts";
import { isPromised } from "./wishes.ts";
import { type Link, Stream } from "./stream.ts";

/** How the stream of this tab stands. On the server it is off. */
export const link = signal<Link>("off");

let stream: Stream | null = null;

/** Hears the news of these jobs, or of all. Returns the way to stop. */
export function listen(ids: string[] | null, hear: (news: News) => void, after?: number | null): () => void {
  stream ??= openStream();
  return stream.listen(ids, hear, after);
}

function openStream(): Stream {
  let isLeft = false;
  return new Stream({
    openSource: (url) => new EventSource(url),
    isHidden: () => isLeft || document.visibilityState === "hidden",
    onTurn(turned) {
      document.addEventListener("visibilitychange", turned);
      addEventListener("online", turned);
      addEventListener("pagehide", () => {
        isLeft = true;
        turned();
      });
      addEventListener("pageshow", () => {
        isLeft = false;
        turned();
      });
    },
    isSignedIn: async () => (await fetch("/api/auth/me")).status !== 401,
    after(ms, act) {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    hasPromised: () => !isLeft && isPromised(),
    async onMaintenance(note) {
      // Where there is nothing to put up and nothing to take down, nothing is loaded.
      const banner = document.querySelector("body > .service");
      if (banner !== null || note !== null) (await import("./banner.ts")).show(note, banner);
    },
    onLink: (now) => void (link.value = now),
  });
}
