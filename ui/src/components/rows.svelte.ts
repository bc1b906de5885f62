// Which rows of a long list are drawn: those in sight and some beyond, the first, the last, and those around the focus, so
// that Tab leads from row to row as if all were there. Of the others only the height is kept.

import type { Attachment } from 'svelte/attachments';

/** Pixels above and below what is in sight. */
const AHEAD = 400;
/** Scrolling within so many pixels draws nothing anew. */
const STEP = 100;
/** Rows on each side of the focus. */
const AROUND = 2;

interface Drawn<Item> {
  item: Item;
  at: number;
  /** Pixels of the rows between the one drawn before and this one. */
  gap: number;
}

class Rows<Item> {
  /** What is in sight, from the top of the list. */
  #from = $state(0);
  #to = $state(innerHeight);
  /** The row that had the focus last. */
  #focused = $state.raw<unknown>();
  #measurings = $state(0);
  #heights = new Map<unknown, number>();
  #keys = new WeakMap<Element, unknown>();
  #sizes = new ResizeObserver((entries) => this.#measure(entries.map(({ target }) => target)));
  /** What is drawn: what stays the same is the same object, which nobody draws again. */
  #known = new Map<number, Drawn<Item>>();
  #list: HTMLElement | null = null;
  /** Whether it was scrolled to its end. */
  #ended = false;

  constructor(
    readonly items: () => Item[],
    readonly key: (item: Item, at: number) => unknown,
    readonly height: () => number,
  ) {}

  /** Where each row ends, and which has the focus. */
  readonly #laid = $derived.by(() => {
    void this.#measurings;
    const [items, usual] = [this.items(), this.height()];
    const bottoms = new Float64Array(items.length);
    let [bottom, focused] = [0, -1];
    items.forEach((item, at) => {
      const key = this.key(item, at);
      if (key === this.#focused) focused = at;
      bottom += this.#heights.get(key) ?? usual;
      bottoms[at] = bottom;
    });
    return { bottoms, focused };
  });

  readonly drawn = $derived.by((): Drawn<Item>[] => {
    const items = this.items();
    const { bottoms, focused } = this.#laid;
    const last = items.length - 1;
    const shown = [
      0,
      last,
      ...numbers(rowAt(bottoms, this.#from - AHEAD), rowAt(bottoms, this.#to + AHEAD)),
      ...(focused < 0 ? [] : numbers(focused - AROUND, focused + AROUND)),
    ].filter((at) => at >= 0 && at <= last);
    let before = 0;
    const drawn = [...new Set(shown)]
      .sort((one, other) => one - other)
      .map((at) => {
        const [item, gap, known] = [items[at] as Item, (bottoms[at - 1] ?? 0) - before, this.#known.get(at)];
        before = bottoms[at] ?? 0;
        return known?.item === item && known.gap === gap ? known : { item, at, gap };
      });
    this.#known = new Map(drawn.map((each) => [each.at, each]));
    return drawn;
  });

  /** For the element around the rows. It does not scroll itself: something around it does. */
  readonly list: Attachment<HTMLElement> = (element) => {
    this.#list = element;
    const scrolled = ({ target }: Event) => {
      if ((target as Node).contains(element)) this.#look();
    };
    const focused = ({ target }: FocusEvent) => {
      for (let around = target as Element | null; around && around !== element; around = around.parentElement)
        if (this.#keys.has(around)) this.#focused = this.#keys.get(around);
    };
    this.#look();
    // It does not bubble.
    addEventListener('scroll', scrolled, true);
    addEventListener('resize', this.#look);
    element.addEventListener('focusin', focused);
    return () => {
      removeEventListener('scroll', scrolled, true);
      removeEventListener('resize', this.#look);
      element.removeEventListener('focusin', focused);
      if (this.#list === element) this.#list = null;
    };
  };

  /** For each row. */
  readonly row =
    (key: unknown): Attachment<HTMLElement> =>
    (element) => {
      this.#keys.set(element, key);
      this.#sizes.observe(element);
      return () => this.#sizes.unobserve(element);
    };

  #look = () => {
    if (!this.#list) return;
    const { top, bottom, scroller } = sight(this.#list);
    this.#ended = isAtEnd(scroller);
    const own = this.#list.getBoundingClientRect().top;
    this.#from = Math.floor((top - own) / STEP) * STEP;
    this.#to = Math.ceil((bottom - own) / STEP) * STEP;
  };

  /** Rows may turn out higher or lower than they were taken for: what is read, and the end, stay where they are. */
  #measure(rows: Element[]): void {
    if (!this.#list) return;
    const { top, scroller } = sight(this.#list);
    let [grown, isNew, changed] = [0, false, false];
    for (const row of rows) {
      const [box, key] = [row.getBoundingClientRect(), this.#keys.get(row)];
      const known = this.#heights.get(key);
      const before = known ?? this.height();
      // What is hidden has no height.
      if (box.height === 0 || box.height === known) continue;
      this.#heights.set(key, box.height);
      isNew ||= known === undefined;
      changed ||= box.height !== before;
      if (box.top + before <= top) grown += box.height - before;
    }
    if (scroller && isNew && (this.#ended || isAtEnd(scroller))) scroller.scrollTop = scroller.scrollHeight;
    else if (scroller && grown !== 0) scroller.scrollTop += grown;
    // Rows that were drawn at once would be measured in the same frame, which browsers report as a loop.
    requestAnimationFrame(() => {
      if (changed) this.#measurings += 1;
      this.#look();
    });
  }
}

/**
 * Those of `items`, each known by its key, whatever comes before it. `height` is that of a row which was not drawn yet, in
 * pixels: what most of them take.
 */
export function rowsOf<Item>(
  items: () => Item[],
  key: (item: Item, at: number) => unknown,
  height: () => number,
): Rows<Item> {
  return new Rows(items, key, height);
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** The first row that ends below a pixel; the last where none does. */
function rowAt(bottoms: Float64Array, pixel: number): number {
  let [first, last] = [0, bottoms.length - 1];
  while (first < last) {
    const middle = (first + last) >> 1;
    if ((bottoms[middle] ?? 0) > pixel) last = middle;
    else first = middle + 1;
  }
  return last;
}

const isAtEnd = (scroller: Element | null) =>
  scroller !== null && scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;

/** Where what shows of an element can begin and end in the window, and what scrolls it. */
function sight(element: HTMLElement): { top: number; bottom: number; scroller: Element | null } {
  let [top, bottom] = [0, innerHeight];
  let scroller: Element | null = null;
  for (let around = element.parentElement; around; around = around.parentElement) {
    const { overflowY } = getComputedStyle(around);
    if (!/auto|scroll|hidden|clip/.test(overflowY)) continue;
    const box = around.getBoundingClientRect();
    [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
    if (/auto|scroll/.test(overflowY) && around.scrollHeight > around.clientHeight) scroller ??= around;
  }
  return { top, bottom, scroller };
}
