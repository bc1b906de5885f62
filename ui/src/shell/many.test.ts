// Lists without a bound, ten thousand rows in each: few are drawn, and the keyboard reaches the last.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { eventually, expectAccessible, openWindow, row } from '../test.window';

type User = ReturnType<typeof openWindow>['user'];

/** Some hundreds of pixels of rows above and below the window. */
const FEW = 150;

const lists: [string, string, (user: User) => Promise<HTMLElement>, number, RegExp][] = [
  [
    'entries',
    '#/lab/orientation',
    async (user) => {
      await screen.findByRole('button', { name: 'Run all checks' });
      await user.click(row('joined'));
      return screen.findByRole('region', { name: 'Entries so far' });
    },
    10_000,
    /communities\/0\b/,
  ],
  [
    'what was recorded for a milestone',
    '#/roadmap',
    async (user) => {
      const recorded = await screen.findByText(/10,000 entries/);
      await user.click(recorded);
      return recorded.closest('details') as HTMLElement;
    },
    10_000,
    /communities\/9999\b/,
  ],
  [
    'what a run said',
    '#/vectors',
    async (user) => {
      await user.click(await screen.findByRole('button', { name: 'Add documents' }));
      await user.type(screen.getByRole('textbox', { name: /^Folder/ }), '/srv/scans');
      await user.click(screen.getByRole('button', { name: 'Take documents in' }));
      return screen.findByRole('region', { name: 'What the last run said' });
    },
    9999,
    /^scan-9999\.pdf/,
  ],
  [
    'leftovers',
    '#/containers',
    async (user) => {
      await user.click(await screen.findByRole('button', { name: /^Clean up/ }));
      await screen.findByRole('button', { name: 'Remove 10,000 things' });
      return screen.getByRole('main');
    },
    10_000,
    /^groundwork-check-9999:/,
  ],
];

test.each(lists)('%s', async (_, place, open, count, last) => {
  const { user } = openWindow(place, 'many');
  const around = await open(user);
  const rows = [...around.querySelectorAll('li[aria-posinset]')];
  expect(rows.length).toBeLessThan(FEW);
  const end = rows.at(-1);
  expect([end?.getAttribute('aria-posinset'), end?.getAttribute('aria-setsize')]).toEqual([`${count}`, `${count}`]);
  expect(end?.textContent?.trim()).toMatch(last);
  await expectAccessible();
});

test('images', async () => {
  const { user } = openWindow('#/containers', 'many');
  await user.click(await screen.findByRole('button', { name: /^Images/ }));
  const table = within(await screen.findByRole('table'));
  const rows = table.getAllByRole('row');
  expect(rows.length).toBeLessThan(FEW);
  expect(rows.at(-1)?.getAttribute('aria-rowindex')).toBe('10001');
  await user.click(table.getByRole('button', { name: 'groundwork-check-9999:latest' }));
  expect(await table.findByText('pip install --no-cache-dir --requirement requirements.txt')).toBeTruthy();
  await expectAccessible();
});

test('the keyboard reaches the last entry from behind the list, and takes it back', async () => {
  const { user } = openWindow('#/lab/orientation', 'many');
  await screen.findByRole('button', { name: 'Run all checks' });
  await user.click(row('joined'));
  await screen.findByRole('button', { name: 'Take back: Community 9999' });
  screen.getByRole('tab', { selected: true, name: /Terminal|Service|Gateway/ }).focus();
  await user.tab({ shift: true });
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Take back: Community 0');
  await user.keyboard('{Enter}');
  await eventually(() => expect(screen.queryByRole('button', { name: 'Take back: Community 0' })).toBeNull());
  const last = screen.getByRole('button', { name: 'Take back: Community 1' }).closest('li');
  expect([last?.getAttribute('aria-posinset'), last?.getAttribute('aria-setsize')]).toEqual(['9999', '9999']);
});
