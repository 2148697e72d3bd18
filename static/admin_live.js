/** Keeps an operators' page as things are now: fetches it again while somebody looks, and puts its live parts in place. */
const EVERY_MS = 4000;
const LIVE = "[data-live]";
/** What somebody is at: it stays as it is until they are done. */
const BUSY = "details[open], input:checked, [popover]:popover-open, :focus-within";

async function look() {
  if (document.visibilityState !== "visible") return true;
  const parts = [...document.querySelectorAll(LIVE)];
  if (parts.some((part) => part.querySelector(BUSY) || part.matches(":focus-within"))) return true;
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "manual" });
  if (!answer.ok) return answer.status >= 500;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = [...page.querySelectorAll(LIVE)];
  if (fresh.length !== parts.length) return true;
  parts.forEach((part, at) => {
    if (part.innerHTML !== fresh[at].innerHTML) part.replaceChildren(...fresh[at].childNodes);
  });
  return true;
}

/** A studio that does not answer is asked again; one that lets nobody in any more is not. */
async function again() {
  if (await look().catch(() => true)) setTimeout(again, EVERY_MS);
}

setTimeout(again, EVERY_MS);
