/** The script of pages in development: loads the page anew when another studio answers than before. */

const ALIVE = "/_fresh/alive";
const EVERY_MS = 400;

let known: string | null = null;

async function look(): Promise<void> {
  try {
    const id = await (await fetch(ALIVE, { cache: "no-store" })).text();
    if (known !== null && known !== id) location.reload();
    known = id;
  } catch { /* The studio is starting anew. */ }
  setTimeout(look, EVERY_MS);
}

void look();
