// Keeps the focus in the window. When what has it goes, the engine gives it to nobody: the keyboard, and a screen reader, would
// be back at the page's beginning.

/** Where a node that is gone was: in what, and after what. */
interface Place {
  within: Node;
  after: Node | null;
}

const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex]';

/** What cannot be pressed for a moment, as while its command is under way, gets the focus back. */
const MOMENT_MS = 1000;

const isLost = () => document.activeElement === null || document.activeElement === document.body;

const isControl = (element: HTMLElement) =>
  element.tabIndex >= 0 &&
  !element.matches(':disabled') &&
  !element.closest('[hidden], [inert]') &&
  (element.checkVisibility?.() ?? true);

/** From now on, until the returned function is called. `main` takes the focus where nothing nearer can. */
export function keepFocus(main: HTMLElement): () => void {
  /** What has the focus, or had it until it went. */
  let last: HTMLElement | null = null;
  let place: Place | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function came({ target }: FocusEvent) {
    [last, place] = [target as HTMLElement, null];
  }

  // Who presses where nothing takes the focus wants it nowhere. Engines may say the same of what goes.
  function left({ target, relatedTarget }: FocusEvent) {
    if (relatedTarget) return;
    setTimeout(() => {
      if (last === target && last?.isConnected && isControl(last) && isLost()) last = null;
    });
  }

  function look(records: MutationRecord[]) {
    if (!last) return;
    // It may keep the focus until the page is drawn.
    const shut = records.some(({ type, target }) => type === 'attributes' && target.contains(last));
    if (!shut && !isLost()) return;
    for (const { target, removedNodes, previousSibling } of records) {
      const gone: Node = place?.within ?? last;
      if ([...removedNodes].some((node) => node.contains(gone))) place = { within: target, after: previousSibling };
    }
    clearTimeout(timer);
    // Who takes something away may have a better place in mind.
    timer = setTimeout(() => mend(last?.isConnected ? MOMENT_MS : 0));
  }

  function mend(patience: number) {
    if (!last || !isLost()) return;
    if (last.isConnected && isControl(last)) last.focus({ preventScroll: true });
    else if (patience > 0) timer = setTimeout(() => mend(0), patience);
    else {
      const gone = last.isConnected && last.parentNode ? { within: last.parentNode, after: last } : place;
      nearest(gone, main).focus({ preventScroll: true });
    }
  }

  const observer = new MutationObserver(look);
  document.addEventListener('focusin', came);
  document.addEventListener('focusout', left);
  const attributeFilter = ['disabled', 'hidden', 'inert'];
  observer.observe(document.body, { subtree: true, childList: true, attributeFilter });
  return () => {
    observer.disconnect();
    clearTimeout(timer);
    document.removeEventListener('focusin', came);
    document.removeEventListener('focusout', left);
  };
}

/**
 * From the inside out: what is around the place and can take the focus itself, or a control beside it, the next one before
 * the one above. Of a screen that is another one as a whole, the screen.
 */
function nearest(place: Place | null, main: HTMLElement): HTMLElement {
  let after = place?.after ?? null;
  let around = place?.within instanceof HTMLElement ? place.within : null;
  for (; around && !around.contains(main); around = around.parentElement) {
    if (around.hasAttribute('tabindex')) return around;
    if (around.parentElement === main) break;
    const controls = [...around.querySelectorAll<HTMLElement>(CONTROLS)].filter(isControl);
    const beside = controls.find((each) => follows(each, after)) ?? controls.at(-1);
    if (beside) return beside;
    after = around;
  }
  return main;
}

function follows(element: Node, after: Node | null): boolean {
  if (!after?.isConnected) return true;
  const place = after.compareDocumentPosition(element);
  return (place & Node.DOCUMENT_POSITION_FOLLOWING) !== 0 && (place & Node.DOCUMENT_POSITION_CONTAINED_BY) === 0;
}
