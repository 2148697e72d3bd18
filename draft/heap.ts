/**
 * Python's `heapq`, move for move: the order of `queue_pending` and the way a failed comparison leaves the heap are
 * part of what clients see. `less` may throw, which is how ComfyUI's worker dies.
 */
export type Less<T> = (a: T, b: T) => boolean;

export function pushHeap<T>(heap: T[], item: T, less: Less<T>): void {
  heap.push(item);
  siftDown(heap, { start: 0, at: heap.length - 1 }, less);
}

/** Takes the smallest item; undefined when empty. */
export function popHeap<T>(heap: T[], less: Less<T>): T | undefined {
  const last = heap.pop();
  const first = heap[0];
  if (last === undefined || first === undefined) return last;
  heap[0] = last;
  siftUp(heap, 0, less);
  return first;
}

export function makeHeap<T>(heap: T[], less: Less<T>): void {
  for (let at = Math.floor(heap.length / 2) - 1; at >= 0; at--) siftUp(heap, at, less);
}

function siftDown<T>(heap: T[], range: { start: number; at: number }, less: Less<T>): void {
  let at = range.at;
  const item = heap[at];
  if (item === undefined) return;
  while (at > range.start) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (parent === undefined || !less(item, parent)) break;
    heap[at] = parent;
    at = parentAt;
    heap[at] = item;
  }
  heap[at] = item;
}

function siftUp<T>(heap: T[], start: number, less: Less<T>): void {
  const item = heap[start];
  if (item === undefined) return;
  let at = start;
  let childAt = 2 * at + 1;
  while (childAt < heap.length) {
    const left = heap[childAt];
    const right = heap[childAt + 1];
    if (left === undefined) break;
    if (right !== undefined && !less(left, right)) childAt += 1;
    heap[at] = heap[childAt] ?? left;
    at = childAt;
    childAt = 2 * at + 1;
  }
  heap[at] = item;
  siftDown(heap, { start, at }, less);
}
