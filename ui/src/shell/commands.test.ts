import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { notices } from '../components/notices.svelte';
import { eventually, expectAccessible, openWindow } from '../test.window';
import { matching, overlay, type Command } from './commands.svelte';

const command = (title: string, group: Command['group'] = 'Labs', note = ''): Command => {
  return { id: title, group, title, note, keys: null, run: () => {} };
};

test('every typed word begins a word of what is found, the closest title first', () => {
  const all = [
    command('Vectors', 'Screens'),
    command('A vector database, measured', 'Labs', 'Days 20–22'),
    command('Dark theme', 'Window'),
  ];
  const found = (typed: string) => matching(all, typed).map(({ title }) => title);
  expect(found('')).toHaveLength(3);
  expect(found('vec')).toEqual(['Vectors', 'A vector database, measured']);
  expect(found('data vec')).toEqual(['A vector database, measured']);
  expect(found('20')).toEqual(['A vector database, measured']);
  expect(found('SCREEN')).toEqual(['Vectors']);
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
