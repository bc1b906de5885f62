import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { notices } from '../components/notices.svelte';
import { portfolio } from '../portfolio/portfolio.svelte';
import '../portfolio/PortfolioScreen.svelte';
import { eventually, expectAccessible, openWindow } from '../test.window';
import '../vectors/VectorsScreen.svelte';
import { matching, overlay, type Command } from './commands.svelte';

const command = (title: string, group: Command['group'] = 'Labs', note = ''): Command => {
  return { id: title, group, title, note, keys: null, applies: true, control: null, run: () => {} };
};

test('every typed word begins a word of what is found, the closest title first', () => {
  const all = [
    command('Vectors', 'Screens'),
    command('A vector database, measured', 'Labs', 'Days 20–22'),
    command('Dark theme', 'Window'),
    command('Export the write-up', 'Actions'),
  ];
  const found = (typed: string) => matching(all, typed).map(({ title }) => title);
  expect(found('')).toHaveLength(4);
  expect(found('vec')).toEqual(['Vectors', 'A vector database, measured']);
  expect(found('data vec')).toEqual(['A vector database, measured']);
  expect(found('20')).toEqual(['A vector database, measured']);
  expect(found('SCREEN')).toEqual(['Vectors']);
  expect(found('write-up')).toEqual(['Export the write-up']);
  expect(found('ector')).toEqual([]);
});

test('the palette opens a screen by a few letters, and gives the focus to it', async () => {
  const { user } = openWindow('#/plan');
  await screen.findByRole('main', { name: 'Plan' });
  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole('combobox');
  expect(document.activeElement).toBe(field);
  await user.keyboard('sett');
  const [first, ...others] = screen.getAllByRole('option');
  expect([first?.textContent, others]).toEqual([expect.stringContaining('Settings'), []]);
  expect(field.getAttribute('aria-activedescendant')).toBe(first?.id);
  await expectAccessible();
  await user.keyboard('{Enter}');
  const main = await screen.findByRole('main', { name: 'Settings' });
  expect(screen.queryByRole('dialog')).toBeNull();
  await eventually(() => expect(document.activeElement).toBe(main));
});

test('the palette gives more contrast, and takes it back', async () => {
  const { user } = openWindow('#/plan');
  await screen.findByRole('main', { name: 'Plan' });
  await user.keyboard('{Control>}k{/Control}');
  await user.keyboard('more con{Enter}');
  expect(document.documentElement.dataset.contrast).toBe('more');
  await user.keyboard('{Control>}k{/Control}');
  await user.keyboard('contrast sys{Enter}');
  expect(document.documentElement.dataset.contrast).toBe('plain');
});

test('arrows go round, Escape leaves everything as it was, and nothing found is said', async () => {
  const { user } = openWindow('#/plan');
  await screen.findByRole('main', { name: 'Plan' });
  await user.keyboard('{Control>}k{/Control}');
  const selected = () => screen.getByRole('option', { selected: true }).textContent;
  await screen.findByRole('combobox');
  const first = selected();
  await user.keyboard('{ArrowUp}');
  const last = selected();
  await user.keyboard('{ArrowDown}');
  expect([selected(), last]).toEqual([first, expect.stringContaining('Keyboard shortcuts')]);
  await user.keyboard('zzz');
  expect(screen.getByText('Nothing is called so.')).toBeTruthy();
  await user.keyboard('{Enter}');
  expect(location.hash).toBe('#/plan');
});

test("a lab's own commands are there while it is open, by keys too", async () => {
  const checked: string[] = [];
  const { user } = openWindow('#/lab/orientation', 'working', {
    checkLab: async (slug) => {
      checked.push(slug);
      return null;
    },
  });
  await screen.findByRole('region', { name: 'Checks' });
  await user.keyboard('{Control>}{Enter}{/Control}');
  expect(checked).toEqual(['orientation']);
  await user.keyboard('{Control>}k{/Control}');
  await user.keyboard('run all');
  await user.click(await screen.findByRole('option', { name: /^Run all checks/ }));
  expect(checked).toEqual(['orientation', 'orientation']);
  await user.keyboard('{Control>}1{/Control}');
  await screen.findByRole('main', { name: 'Plan' });
  await user.keyboard('{Control>}{Enter}{/Control}');
  expect(checked).toHaveLength(2);
});

/** The palette's options for what is typed. */
async function options(user: ReturnType<typeof openWindow>['user'], typed: string): Promise<string[]> {
  await user.keyboard('{Control>}k{/Control}');
  await screen.findByRole('combobox', { name: 'Find a screen, a lab or an action' });
  await user.keyboard(typed);
  const list = screen.queryByRole('listbox', { name: 'Commands' });
  return [...(list?.querySelectorAll('.title') ?? [])].map((title) => title.textContent);
}

test('a screen offers what can be done on it now, with its keys, and pressing it there and here is the same', async () => {
  const { user } = openWindow('#/lab/orientation');
  const edit = await screen.findByRole('button', { name: 'Open in editor' });
  expect(edit.getAttribute('aria-keyshortcuts')).toBe('Control+E');
  const all = await options(user, '{ }');
  expect(all.slice(0, 2)).toEqual(['Run all checks', 'Open in editor']);
  expect(screen.getByRole('option', { name: /^Open in editor/ }).textContent).toMatch(/CtrlE$/);
  expect(all).toEqual(expect.arrayContaining(['Previous step', 'Next step', 'Show a hint', 'Gateway requests']));
  // No run goes on, and nothing is told.
  expect(all.filter((title) => /^(Stop|Dismiss|Theme as|Text of)/.test(title))).toEqual([]);
  await user.keyboard('{Escape}');
  screen.getByRole<HTMLDialogElement>('dialog').close();

  expect(await options(user, 'hint{Enter}')).toEqual([]);
  expect(await screen.findByText('Hint 1')).toBeTruthy();
  expect(document.activeElement?.textContent).toMatch(/^\s*Show another hint/);
  expect(await options(user, 'step next{Enter}')).toEqual([]);
  await screen.findByText('Step 4 of 4');
  expect(await options(user, 'next')).not.toContain('Next step');
  screen.getByRole<HTMLDialogElement>('dialog').close();

  expect(await options(user, 'reset{Enter}')).toEqual([]);
  await screen.findByRole('dialog', { name: 'Reset this lab?' });
});

test('checks that run can be stopped', async () => {
  const { backend, user } = openWindow('#/lab/orientation');
  await screen.findByRole('region', { name: 'Checks' });
  backend.emit({ type: 'check_started', lab: 'orientation', check: 'health' });
  await screen.findByRole('button', { name: 'Stop checks' });
  expect(await options(user, 'checks')).toEqual(expect.arrayContaining(['Run all checks', 'Stop checks']));
});

test('what another screen offers is pressed once it is there', async () => {
  const { user } = openWindow('#/plan');
  await screen.findByRole('main', { name: 'Plan' });
  await options(user, 'new coll{Enter}');
  await screen.findByRole('main', { name: 'Vectors' });
  const dialog = await screen.findByRole<HTMLDialogElement>('dialog', { name: 'New collection' });
  dialog.close();
  expect(await options(user, 'new coll')).toEqual(['New collection']);
});

test('what another screen offers waits until it can be pressed, and no longer than nothing else is', async () => {
  const written: string[] = [];
  let answer = () => {};
  const { backend, user } = openWindow('#/plan', 'working', {
    exportWriteUp: async (format) => {
      written.push(format);
      return '/portfolio.md';
    },
  });
  const { writeUp } = backend;
  backend.writeUp = () => new Promise<void>((done) => (answer = done)).then(writeUp);
  await screen.findByRole('main', { name: 'Plan' });
  for (const expected of [[], ['markdown']]) {
    await options(user, 'write-up{Enter}');
    await screen.findByRole('button', { name: 'Export Markdown' });
    if (expected.length === 0) await user.keyboard('{Shift}');
    answer();
    await eventually(() =>
      expect(screen.getByRole('button', { name: 'Export HTML' }).matches(':disabled')).toBe(false),
    );
    await eventually(() => expect(written).toEqual(expected));
    portfolio.reset();
    location.hash = '#/plan';
    await screen.findByRole('main', { name: 'Plan' });
  }
});

test('a key dismisses the newest notice, and is listed', async () => {
  const { user } = openWindow('#/plan');
  await screen.findByRole('main', { name: 'Plan' });
  for (const message of ['One failed.', 'Two failed.']) notices.problem({ message, nextStep: '' });
  await screen.findByText('Two failed.');
  await user.keyboard('{Control>}d{/Control}');
  expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual([expect.stringContaining('One')]);
  await user.keyboard('{Control>}d{/Control}{Control>}d{/Control}');
  expect(screen.queryByRole('alert')).toBeNull();
  await user.keyboard('{Control>}/{/Control}');
  const dialog = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
  expect(within(dialog).getByText('Dismiss the newest notice').nextElementSibling?.textContent).toBe('CtrlD');
});

test('the shortcuts are listed, and keys rest while a dialog is open', async () => {
  const { user } = openWindow('#/plan');
  await screen.findByRole('main', { name: 'Plan' });
  await user.keyboard('{Control>}/{/Control}');
  const dialog = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
  expect(within(dialog).getByText('Containers').nextElementSibling?.textContent).toBe('Ctrl5');
  await expectAccessible();
  await user.keyboard('{Control>}8{/Control}');
  expect(location.hash).toBe('#/plan');
  await user.click(within(dialog).getByRole('button', { name: 'Close' }));
  await user.keyboard('{Control>}8{/Control}');
  await screen.findByRole('main', { name: 'Settings' });
});

test('the shortcuts stay when the palette, which led there, tells late that it has closed', () => {
  overlay.shown = 'palette';
  overlay.shown = 'shortcuts';
  overlay.close('palette');
  expect(overlay.shown).toBe('shortcuts');
  overlay.close('shortcuts');
  expect(overlay.shown).toBeNull();
});
