// Goes through the states of the screen that is open: each choice of its lists, each tab, each disclosure, each dialog.
// In each it looks for what stands out or is cut off, and, if asked, for what axe-core's rules find.

// Colours that fade would be measured half way.
const still = new CSSStyleSheet();
still.replaceSync('* { transition: none !important; animation: none !important; }');
document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];

/** Made for what is wider than they are. */
const SIDEWAYS = 'pre, textarea, input, table, .wide, .xterm *, [role=region]:has(table)';
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** When the page has come to rest, or will not. */
const settled = () =>
  new Promise((done) => {
    const end = () => (observer.disconnect(), clearTimeout(last), requestAnimationFrame(() => setTimeout(done)));
    const last = setTimeout(end, 1500);
    let quiet = setTimeout(end, 80);
    const observer = new MutationObserver(() => (clearTimeout(quiet), (quiet = setTimeout(end, 80))));
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });

const seen = (node) => node.checkVisibility({ visibilityProperty: true });
const named = (node) => `${node.tagName}.${node.className} “${node.textContent.trim().slice(0, 40)}”`;

/** The boxes that a text should not stand out of, up to one that cuts it off or in which it can be scrolled to. */
function* around(node, side) {
  for (let box = node; box; box = box.parentElement) {
    const style = getComputedStyle(box);
    if (['auto', 'scroll'].includes(style[side])) return;
    const cuts = style[side] !== 'visible';
    if (cuts || !/inline|contents/.test(style.display)) yield [box.getBoundingClientRect(), cuts];
    if (cuts || ['absolute', 'fixed'].includes(style.position)) return;
  }
}

/** What stands out of the window to the right, scrolls sideways, or is cut off and said nowhere. */
function misfits() {
  const [page, within] = [document.scrollingElement, document.querySelector('dialog[open]') ?? document.body];
  const found = page.scrollWidth > page.clientWidth ? ['the page is wider than the window'] : [];
  for (const node of within.querySelectorAll('*')) {
    const wider = node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0 && !node.matches(SIDEWAYS);
    if (wider && ['auto', 'scroll'].includes(getComputedStyle(node).overflowX) && seen(node)) {
      const edge = node.getBoundingClientRect().right + 1;
      const out = (each) => each.getBoundingClientRect().right > edge || each.scrollWidth > each.clientWidth + 1;
      const cause = [...node.querySelectorAll(':not(.unseen)')].findLast((each) => each.clientWidth > 0 && out(each));
      found.push(`${named(node)} scrolls sideways, perhaps for ${cause && named(cause)}`);
    }
  }
  const texts = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const [text, parent] = [texts.currentNode, texts.currentNode.parentElement];
    if (text.data.trim() === '' || parent.closest('[aria-hidden=true], .unseen, .xterm, select')) continue;
    if (!seen(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const rows = [...range.getClientRects()];
    const [left, right] = [Math.min(...rows.map((row) => row.left)), Math.max(...rows.map((row) => row.right))];
    const told = parent.closest('[title]');
    const bottom = Math.max(...rows.map((row) => row.bottom));
    for (const [box, cuts] of around(parent, 'overflowX')) {
      // A space at the end of a line may hang over.
      if (!cuts && right > box.right + 5) found.push(`${named(parent)} stands out of its box`);
      if (cuts && !told && (right > box.right + 1 || left < box.left - 1)) found.push(`${named(parent)} is cut off`);
    }
    for (const [box, cuts] of around(parent, 'overflowY'))
      if (cuts && !told && bottom > box.bottom + 3) found.push(`${named(parent)} is cut off below`);
  }
  return [...new Set(found)];
}

/** In the light palette all rules, in the dark one what it can change: contrast. */
async function violations() {
  const found = [];
  for (const theme of ['light', 'dark']) {
    document.documentElement.dataset.theme = theme;
    const only = theme === 'light' ? RULES : { type: 'rule', values: ['color-contrast'] };
    const { violations } = await axe.run(document, { runOnly: only, resultTypes: ['violations'], preload: false });
    for (const { id, nodes } of violations)
      for (const { failureSummary, html } of nodes) found.push(`${theme}, ${id}: ${failureSummary} ${html}`);
  }
  return found;
}

/** What opened a dialog that was looked at, on any screen. */
const known = new Set();

/** In which states it looked, and what it found wrong, each with the first state that has it. */
window.everyState = async (rules) => {
  const [looked, found] = [[], new Map()];
  let before = '';
  const look = async (state, ruled = rules) => {
    const page = document.body.outerHTML;
    if (page === before) return;
    before = page;
    looked.push(state);
    const wrong = [...misfits(), ...(ruled ? await violations() : [])];
    for (const each of wrong) if (!found.has(each)) found.set(each, `${each} (${state})`);
  };
  const press = async (node) => {
    node.click();
    await settled();
  };

  async function dialogs(state) {
    for (const opener of document.querySelectorAll('[aria-haspopup=dialog]:not(:disabled)')) {
      const name = opener.textContent.trim();
      const place = `${opener.closest('main') && location.hash} ${name} ${innerWidth}`;
      if (!opener.isConnected || !seen(opener) || known.has(place)) continue;
      known.add(place);
      await press(opener);
      // Some are fetched first.
      while (!document.querySelector('dialog[open]')) await settled();
      const dialog = document.querySelector('dialog[open]');
      await look(`${state}, ${name}`);
      for (const radio of dialog.querySelectorAll('[type=radio]:not(:checked)')) {
        await press(radio);
        await look(`${state}, ${name}, ${radio.value}`);
      }
      dialog.close();
      await settled();
    }
  }

  async function disclose() {
    for (const details of document.querySelectorAll('main details')) details.open = true;
    const folded = [...document.querySelectorAll('main [aria-expanded=false]')].filter(seen);
    for (const each of folded.slice(0, 4)) if (each.isConnected) await press(each);
    const span = document.querySelector('main tbody [aria-pressed=false]');
    if (span) await press(span);
    await settled();
  }

  // A screen is fetched first, and says what it waits for only where that takes long.
  const main = document.querySelector('main');
  while (/^(Opening…)?$/.test(main.textContent.trim())) await settled();
  await settled();
  const all = (css) => [...document.querySelectorAll(css)].filter(seen);
  const [choices, tabs] = ['main .choice-list button, main [data-check]', 'main [role=tab]'].map((css) => [
    css,
    all(css),
  ]);
  // From the last choice to the first, whose tabs come then.
  const ways = [...choices[1].map((_, at) => [choices[0], at]).reverse()];
  for (const [css, at] of ways) {
    const way = all(css)[at];
    if (!way) continue;
    await press(way);
    await disclose();
    await look(way.textContent.trim());
    await dialogs(way.textContent.trim());
  }
  for (let at = 0; at < Math.max(1, all(tabs[0]).length); at++) {
    const tab = all(tabs[0])[at];
    if (tab) await press(tab);
    const state = tab?.textContent.trim() ?? 'as it opens';
    await look(`${state}, folded`, false);
    await disclose();
    await look(state);
    await dialogs(state);
  }
  return { looked, found: [...found.values()] };
};
