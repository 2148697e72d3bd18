/** Buttons that copy text, wherever they stand: the text is in `data-copies`, and `data-said` says that it is done. */

const SAID_MS = 2000;

/** Listens until it is told to stop. */
export function listenToCopies(): () => void {
  const hear = (event: MouseEvent) => {
    const button = event.target instanceof Element
      ? event.target.closest<HTMLElement>("[data-copies]")
      : null;
    if (button !== null) void copyFrom(button);
  };
  document.addEventListener("click", hear);
  return () => document.removeEventListener("click", hear);
}

async function copyFrom(button: HTMLElement): Promise<void> {
  const { copies = "", said = "" } = button.dataset;
  const before = button.getAttribute("aria-label") ?? "";
  try {
    await navigator.clipboard.writeText(copies);
  } catch {
    // A page without a secure address may not: the settings stand beside the button.
    return;
  }
  button.setAttribute("aria-label", said);
  button.classList.add("on");
  setTimeout(() => {
    button.setAttribute("aria-label", before);
    button.classList.remove("on");
  }, SAID_MS);
}
