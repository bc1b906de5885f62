// What a screen offers to the palette and to keys: buttons of its own, which know by themselves when they can be pressed.

import type { Attachment } from 'svelte/attachments';

import { announced } from './keys';

export interface Offer {
  title: string;
  /** `mod+e` */
  keys: string | null;
  control: HTMLElement;
  run: () => void;
}

const all = new Set<Offer>();

/** For a button or a link: it is offered by this title as long as it can be pressed. `run` does other than a press does. */
export function offer(title: string, keys: string | null = null, run?: () => void): Attachment<HTMLElement> {
  return (control) => {
    const offered: Offer = { title, keys, control, run: run ?? (() => control.click()) };
    all.add(offered);
    if (keys !== null) control.setAttribute('aria-keyshortcuts', announced(keys));
    return () => void all.delete(offered);
  };
}

/** What can be pressed now: first what has keys, then in the order of the page. */
export function offers(): Offer[] {
  const pressable = ({ control }: Offer) => !control.matches(':disabled') && !control.closest('[hidden], [inert]');
  return [...all].filter(pressable).sort((a, b) => {
    const place = a.control.compareDocumentPosition(b.control);
    const order = place & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : place & Node.DOCUMENT_POSITION_PRECEDING ? 1 : 0;
    return Number(a.keys === null) - Number(b.keys === null) || order;
  });
}

/** Presses what has this title as soon as it is offered, unless something else is pressed before. */
export function press(title: string): void {
  const over = new AbortController();
  const once = { signal: over.signal, capture: true };
  const look = () => {
    const found = offers().find((each) => each.title === title);
    if (!found || over.signal.aborted) return;
    over.abort();
    found.control.focus();
    found.run();
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled'] });
  over.signal.addEventListener('abort', () => observer.disconnect());
  for (const input of ['keydown', 'pointerdown']) addEventListener(input, () => over.abort(), once);
  look();
}
