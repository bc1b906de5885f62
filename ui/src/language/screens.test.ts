// The whole window in the pseudo-locale: whatever can be pressed is pressed, and all that is ever shown is either in the
// catalogue or came from the backend. A text that was left in a component is neither. And no press leaves the focus to nobody.

import { afterEach, expect, test, vi } from 'vitest';

import type { Backend, Problem } from '../backend/backend';
import { ACCENTED } from './pseudo';

// The set-up of all tests has loaded the English window.
vi.resetModules();
localStorage.setItem('language', 'en-XA');
const { tick } = await import('svelte');
const { openWindow } = await import('../test.window');
const { cleanup, fireEvent } = await import('@testing-library/svelte');
const { fake } = await import('../backend/fake');
const { notices } = await import('../components/notices.svelte');
const { screens } = await import('../shell/route.svelte');
const { Refused } = await import('../backend/backend');
const { consent } = await import('../backend/fake/facts');
const { lab: blank } = await import('../backend/fake/lab');
const { changed, narrative } = await import('../backend/fake/portfolio');
const { Heard } = await import('../test.heard');
// Else each is fetched by the first test that opens it.
await Promise.all(Object.values(import.meta.glob('../*/*Screen.svelte')).map((fetch) => fetch()));

/** What the catalogue does not say: names, how an address looks, and what `Intl` puts into lists. */
const SAME = [
  ...['Qdrant', 'Pinecone', 'pgvector', 'ef', 'ef_construction', 'service.name', 'and'],
  ...['https://', 'http://gpu-1:8000/v1', 'http://127.0.0.1:6333', 'https://api.pinecone.io'],
  'postgres://user@127.0.0.1/database',
];

const TOLD = ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'];

let heard = new Heard();
let shown = new Set<string>();
let changes = 0;

/** What a node says by itself. The parts of a difference are one text. */
function read(node: Node): void {
  if (!node.isConnected) return;
  if (node instanceof Element) for (const name of TOLD) shown.add(node.getAttribute(name) ?? '');
  const difference = node.parentElement?.closest('dd:has(mark), .text:has(mark)');
  // The terminal draws what the shell said.
  if (node instanceof Text && !node.parentElement?.closest('.host')) shown.add(difference?.textContent ?? node.data);
}

function readAll(node: Node): void {
  read(node);
  if (!(node instanceof Element && node.matches('style, script'))) node.childNodes.forEach(readAll);
}

new MutationObserver((records) => {
  changes += 1;
  for (const { target, addedNodes } of records) {
    read(target);
    addedNodes.forEach(readAll);
  }
}).observe(document.documentElement, {
  subtree: true,
  childList: true,
  characterData: true,
  attributes: true,
  attributeFilter: TOLD,
});

/** A day and a month with a year or a time, as `Intl` writes them. */
const DATE = /\d+ \p{L}+ (\d{4}|[\d:]{8})/gu;

async function settled(): Promise<void> {
  for (let before = -1; before !== changes;) {
    before = changes;
    await new Promise((done) => setTimeout(done, 10));
  }
}

function open(hash: string, scene: string, changes: Parameters<typeof openWindow>[2] = {}): void {
  heard = new Heard();
  shown = new Set();
  notices.list = [];
  [...SAME, ...TYPED, 'mine'].forEach((text) => heard.add(text));
  openWindow(hash, scene, heard.wrap({ ...fake(new URLSearchParams({ scene, pace: '0' })), ...changes }));
}

/** Texts that are neither in the catalogue nor from the backend. */
const plain = () =>
  [...shown]
    .flatMap((text) => text.replaceAll(DATE, '').split(new RegExp(`[${ACCENTED}⟦⟧]+`)))
    .filter((words) => !heard.has(words));

/** What fields are filled with in turn, so that sooner or later each of them has what it asks for. */
const TYPED = ['', 'words', '/srv/notes=1', 'https://example.org/model=1'];

function fill(turn: number): void {
  for (const field of document.querySelectorAll<HTMLInputElement>('main input, main textarea, dialog input')) {
    const text = field.maxLength === 64 ? 'mine' : (TYPED[turn % TYPED.length] ?? '');
    if (field.closest('.xterm') || ['radio', 'checkbox'].includes(field.type)) continue;
    fireEvent.input(field, { target: { value: field.type === 'number' ? '2' : text } });
  }
}

/** By its words; a number among them is another one after each press. */
function named(control: HTMLElement): string {
  const label =
    control instanceof HTMLInputElement || control instanceof HTMLSelectElement
      ? control.labels?.[0]?.textContent
      : null;
  const words = label ?? control.getAttribute('aria-label') ?? control.textContent;
  return `${control.closest('section')?.className} ${control.getAttribute('role')} ${words}`.replaceAll(/\d+/g, '#');
}

const PRESSABLE = 'button:not(:disabled), summary, input[type=radio], input[type=checkbox], select';

/** Presses everything once, from the end of the page, where less is set in motion, and then the next tab. What a dialog would do away with stays, unless `all` of it is to be tried. */
async function pressAll(hash: string, all: boolean): Promise<void> {
  const pressed = new Set<string>();
  await vi.waitFor(() => expect(document.querySelector('main h1')).not.toBeNull(), { timeout: 10_000 });
  let before = '';
  let opener: HTMLElement | null = null;
  for (let turn = 0, idle = 0; turn < 300; turn++) {
    await settled();
    if (before !== '') expect(document.activeElement, `focus after ${before}`).not.toBe(document.body);
    if (opener && document.querySelector('dialog[open]'))
      expect(opener.getAttribute('aria-haspopup'), `${before} opens a dialog`).toBe('dialog');
    fill(turn);
    await tick();
    const dialog = document.querySelector<HTMLDialogElement>('dialog[open]');
    opener = null;
    const fresh = [...(dialog ?? document.body).querySelectorAll<HTMLElement>(PRESSABLE)]
      .reverse()
      .filter((each) => !each.closest('[hidden]') && !pressed.has(named(each)))
      .filter((each) => all || !each.matches('dialog .danger'));
    const [tabs, others] = [true, false].map((is) => fresh.filter((each) => each.matches('[role=tab]') === is));
    // A tab only when no text that is typed makes anything else on this one possible.
    const control = others?.find((each) => each.textContent !== CANCEL) ?? (idle < TYPED.length ? null : tabs?.[0]);
    if (control) {
      idle = 0;
      before = named(control);
      if (!dialog) opener = control;
      pressed.add(before);
      control.focus();
      if (control instanceof HTMLSelectElement)
        fireEvent.change(control, { target: { value: control.lastElementChild?.getAttribute('value') } });
      else fireEvent.click(control);
    } else if (++idle > TYPED.length) {
      if (!dialog) return;
      dialog.close();
    }
    if (location.hash !== hash) location.hash = hash;
  }
  throw new Error('there is always something more to press');
}

const CANCEL = '⟦Çàñçéļ ·⟧';

afterEach(() => cleanup());

test.each([
  ['#/plan', 'fresh'],
  ['#/plan', 'working'],
  ['#/plan', 'done'],
  ['#/plan', 'broken'],
  ['#/plan', 'foreign'],
  ['#/lab/orientation', 'fresh'],
  ['#/lab/orientation', 'working'],
  ['#/lab/orientation', 'telling'],
  ['#/lab/orientation', 'outdated'],
  ['#/lab/orientation', 'trouble'],
  ['#/models', 'working'],
  ['#/models', 'trouble'],
  ['#/models', 'offline'],
  ['#/vectors', 'working'],
  ['#/vectors', 'fresh'],
  ['#/containers', 'working'],
  ['#/containers', 'fresh'],
  ['#/containers', 'trouble'],
  ['#/roadmap', 'working'],
  ['#/roadmap', 'done'],
  ['#/portfolio', 'working'],
  ['#/portfolio', 'fresh'],
  ['#/settings', 'working'],
  ['#/settings', 'trouble'],
  ['#/settings', 'offline'],
  ['#/settings', 'empty'],
])('%s, %s', async (hash, scene) => {
  open(hash, scene);
  await pressAll(hash, false);
  expect(plain()).toEqual([]);
});

test.each(['#/lab/orientation', '#/models', '#/vectors', '#/containers'])('%s, where things go', async (hash) => {
  open(hash, 'working');
  await pressAll(hash, true);
  expect(plain()).toEqual([]);
});

// What the scenes do not have.
const none = { packs: [], phases: [], today: null };
const { plan } = fake(new URLSearchParams({ pace: '0' }));
const gateway = { url: null, problem: null };
const busy: Problem = { code: 'x.y', message: 'Busy.', nextStep: 'Wait.', owner: 'learner' };
const refuse = (problem: Problem) => () => Promise.reject(new Refused(problem));
let revision = 0;
const newer: Backend['writeUp'] = async () => {
  revision += 1;
  const told = {
    ...narrative(null),
    text: 'words',
    revision,
    markdown: 'words',
    at: revision > 2 ? null : '2026-03-02',
  };
  return [{ by: 'learner', narrative: told }];
};

test.each<[string, string, Partial<Backend>]>([
  ['#/plan', 'without labs', { plan: async () => ({ ...(await plan()), ...none }) }],
  ['#/lab', 'without labs', { plan: async () => ({ ...(await plan()), ...none }) }],
  ['#/lab/orientation', 'of another pack', { lab: async () => ({ ...blank(), consent }) }],
  ['#/lab/orientation', 'that is not started', { lab: async () => blank(), startLab: async () => 4711 }],
  ['#/models', 'without any', { models: async () => ({ models: [], problem: null, device: null, gateway }) }],
  ['#/vectors', 'where nothing is found', { queryCollection: async () => [] }],
  ['#/containers', 'with nothing left over', { leftovers: async () => [], buildImage: async () => 4712 }],
  ['#/portfolio', 'with a text that another takes the place of', { keepNarrative: refuse(changed), writeUp: newer }],
  ['#/portfolio', 'with a text that cannot be kept', { keepNarrative: refuse(busy) }],
  [
    '#/roadmap',
    'without any',
    { roadmap: async () => ({ years: [], skills: [], priorities: [], atlas: [], resources: [], labs: [] }) },
  ],
])('%s %s', async (hash, _, changes) => {
  open(hash, 'working', changes);
  await pressAll(hash, false);
  expect(plain()).toEqual([]);
});

test.each(screens)('%s, while nobody answers', async (screen) => {
  const silent = Object.keys(fake(new URLSearchParams())).filter((name) => name !== 'listen' && name !== 'emit');
  const answers = screen === 'plan' ? [] : ['plan'];
  const waiting = silent
    .filter((name) => !answers.includes(name))
    .map((name) => [name, () => new Promise(() => undefined)]);
  open(
    screen === 'lab' ? '#/lab/orientation' : `#/${screen}`,
    'working',
    Object.fromEntries(waiting) as Partial<Backend>,
  );
  await vi.waitFor(() => expect([...shown].some((text) => text.includes('…'))).toBe(true), { timeout: 10_000 });
  expect(plain()).toEqual([]);
});

test('the palette, the shortcuts and the title of the window', async () => {
  open('#/lab/orientation', 'working');
  await vi.waitFor(() => expect(document.querySelector('main h1')).not.toBeNull(), { timeout: 10_000 });
  for (const key of ['k', '/']) {
    fireEvent.keyDown(window, { key, ctrlKey: true });
    await vi.waitFor(() => expect(document.querySelector('dialog[open]')).not.toBeNull());
    fill(2);
    await settled();
    document.querySelector<HTMLDialogElement>('dialog[open]')?.close();
    await settled();
  }
  expect([...shown]).toContain('⟦⟦Ļàƀ ·⟧ · Ĝŕöûñđŵöŕķ · ·⟧');
  expect(plain()).toEqual([]);
});
