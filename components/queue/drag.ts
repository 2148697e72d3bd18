/** One drag of a list item by its grip, with any pointer: the others make room, and the page scrolls at its edges. */

/** So near to the edge of the window the page scrolls. */
const EDGE_PX = 72;
const SCROLL_PX = 14;

interface Spot {
  item: HTMLElement;
  /** Middle and top in the page, before anything moved. */
  middle: number;
  top: number;
}

/** Calls back once with the index that it was dropped at, or null when the drag was given up. */
export function beginDrag(event: PointerEvent, onEnd: (to: number | null) => void): void {
  const grip = event.currentTarget;
  const item = grip instanceof HTMLElement ? grip.closest("li") : null;
  const list = item?.parentElement;
  if (!(grip instanceof HTMLElement) || !item || !list || event.button !== 0) return onEnd(null);
  event.preventDefault();
  grip.focus();
  grip.setPointerCapture(event.pointerId);
  new Drag({ grip, item, list, startY: event.clientY + scrollY, onEnd }).begin();
}

interface DragParts {
  grip: HTMLElement;
  item: HTMLElement;
  list: HTMLElement;
  startY: number;
  onEnd(to: number | null): void;
}

class Drag {
  readonly #parts: DragParts;
  readonly #spots: Spot[];
  readonly #from: number;
  readonly #over = new AbortController();
  #to: number;

  constructor(parts: DragParts) {
    this.#parts = parts;
    const items = [...parts.list.children].filter((child) => child instanceof HTMLElement);
    this.#spots = items.map((item) => {
      const box = item.getBoundingClientRect();
      return { item, top: box.top + scrollY, middle: box.top + scrollY + box.height / 2 };
    });
    this.#from = this.#to = items.indexOf(parts.item);
  }

  begin(): void {
    const { grip, item, list } = this.#parts;
    const { signal } = this.#over;
    item.classList.add("lifted");
    list.classList.add("moving");
    grip.addEventListener("pointermove", (event) => this.#move(event.clientY), { signal });
    grip.addEventListener("pointerup", () => this.#end(this.#to), { signal });
    for (const name of ["pointercancel", "lostpointercapture"]) {
      grip.addEventListener(name, () => this.#end(null), { signal });
    }
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.#end(null), { signal });
  }

  #move(y: number): void {
    if (y < EDGE_PX) scrollBy(0, -SCROLL_PX);
    else if (y > innerHeight - EDGE_PX) scrollBy(0, SCROLL_PX);
    const by = y + scrollY - this.#parts.startY;
    const own = this.#spots[this.#from];
    if (!own) return;
    const middle = own.middle + by;
    this.#to = this.#spots.filter((spot) => spot !== own && spot.middle < middle).length;
    const room = this.#roomOf(own);
    for (const [at, { item }] of this.#spots.entries()) {
      if (at === this.#from) item.style.transform = `translateY(${by}px)`;
      else {
        const shift = at > this.#from && at <= this.#to
          ? -room
          : at < this.#from && at >= this.#to
          ? room
          : 0;
        item.style.transform = shift === 0 ? "" : `translateY(${shift}px)`;
      }
    }
  }

  /** Height of the item with the gap beside it. */
  #roomOf(own: Spot): number {
    const [next, before] = [this.#spots[this.#from + 1], this.#spots[this.#from - 1]];
    if (next) return next.top - own.top;
    return before ? own.item.offsetHeight + own.top - before.top - before.item.offsetHeight : 0;
  }

  #end(to: number | null): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    const { item, list, onEnd } = this.#parts;
    item.classList.remove("lifted");
    list.classList.remove("moving");
    for (const spot of this.#spots) spot.item.style.transform = "";
    onEnd(to);
  }
}
