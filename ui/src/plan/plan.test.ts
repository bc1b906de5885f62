import { screen, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';

import { Refused } from '../backend/backend';
import { fake } from '../backend/fake';
import { eventually, expectAccessible, openWindow } from '../test.window';

test('first run: a welcome, and one click leads into lab 0', async () => {
  const { user } = openWindow('#/plan', 'fresh');
  await screen.findByText(/^Welcome/);
  const today = screen.getByRole('region', { name: "Today's lab" });
  expect(within(today).getByRole('heading').textContent).toBe('Orientation');
  await user.click(within(today).getByRole('link', { name: 'Open lab' }));
  await screen.findByRole('button', { name: 'Start lab' });
  expect(location.hash).toBe('#/lab/orientation');
});

test('the plan shows three phases, where the learner stands, and which labs are missing', async () => {
  openWindow('#/plan');
  expect(await screen.findByRole('heading', { name: 'Foundation' })).toBeTruthy();
  expect(screen.getAllByRole('heading', { level: 2 }).map((each) => each.textContent)).toEqual([
    'Orientation',
    'Progress against the plan',
    'Foundation',
    'Retrieval',
    'Production',
  ]);
  expect(screen.getByText('Day 2 of 90')).toBeTruthy();
  expect(screen.getByText('Checks passed').parentElement?.textContent).toContain('3 of 7');
  expect(screen.getAllByText('Not in this pack')).toHaveLength(25);
  expect(screen.getByRole('link', { name: 'Continue' })).toBeTruthy();
  await expectAccessible();
});

test('progress against the plan is told, drawn, forecast, and there as a table', async () => {
  const { user } = openWindow('#/plan', 'working', {
    burnUp: async () => ({
      checks: 7,
      points: [
        { day: 1, date: '2026-03-02', passed: 2, planned: 7 },
        { day: 2, date: '2026-03-03', passed: 3, planned: 7 },
        { day: 30, date: '2026-03-31', passed: null, planned: 7 },
      ],
      forecast: { day: 5, date: '2026-03-06', days: 2, passed: 3 },
    }),
  });
  const progress = await screen.findByRole('region', { name: 'Progress against the plan' });
  await within(progress).findByText('3 of 7 checks have passed so far; the plan has 7 by today.');
  within(progress).getByText('At the pace of the last 2 days, 3 checks, the last one passes on 6 Mar 2026, day 5.');
  within(progress).getByRole('img', { name: /Checks passed by day/ });
  expect(screen.queryByRole('table')).toBeNull();
  await user.click(within(progress).getByRole('button', { name: 'As a table' }));
  const rows = within(progress).getAllByRole('row').slice(1);
  expect(rows.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ['1', '2 Mar 2026', '2', '7'],
    ['2', '3 Mar 2026', '3', '7'],
    ['30', '31 Mar 2026', '', '7'],
  ]);
  await expectAccessible();
});

test('without a pace there is no forecast, and when all has passed none is needed', async () => {
  const { unmount } = openWindow('#/plan');
  await screen.findByText(/^No forecast yet/);
  unmount();
  openWindow('#/plan', 'done');
  await screen.findByText('The last one passed on 3 Mar 2026, day 2.');
});

test('before the first lab there is no progress to show, and what cannot be read says so', async () => {
  const { unmount } = openWindow('#/plan', 'fresh');
  await screen.findByText(/^Welcome/);
  expect(screen.queryByRole('region', { name: 'Progress against the plan' })).toBeNull();
  unmount();
  let asked = 0;
  const { user } = openWindow('#/plan', 'working', {
    burnUp: async () => {
      asked += 1;
      if (asked > 1) return { checks: 7, points: [], forecast: null };
      throw new Refused({ code: 'x.y', message: 'the record is busy', nextStep: 'Wait.', owner: 'learner' });
    },
  });
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Wait.');
  await user.click(within(alert).getByRole('button', { name: 'Try again' }));
  await eventually(() => expect(screen.queryByRole('alert')).toBeNull());
});

test('a report that ends is counted at once', async () => {
  const { backend } = openWindow('#/plan');
  await screen.findByText('3 of 7 checks have passed so far; the plan has 7 by today.');
  backend.burnUp = async () => ({
    checks: 7,
    points: [{ day: 2, date: '2026-03-03', passed: 4, planned: 7 }],
    forecast: null,
  });
  backend.emit({ type: 'report_finished', lab: 'orientation', passed: 4, checks: 7, stopped: [] });
  await screen.findByText('4 of 7 checks have passed so far; the plan has 7 by today.');
});

test('a finished pack points to the portfolio', async () => {
  openWindow('#/plan', 'done');
  expect((await screen.findByRole('link', { name: 'Open portfolio' })).getAttribute('href')).toBe('#/portfolio');
  expect(screen.getByText('Done')).toBeTruthy();
});

test('a pack that cannot be read says why and what to do, and can be read again', async () => {
  const { backend, user } = openWindow('#/plan', 'broken');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('a closing quote is missing');
  expect(alert.textContent).toContain('Mend the line');
  await expectAccessible();
  backend.plan = openWindow('#/plan', 'fresh').backend.plan;
  await user.click(within(alert).getByRole('button', { name: 'Try again' }));
  await screen.findAllByRole('link', { name: 'Open lab' });
});

test('nothing is said about a quick wait; a long one is named', async () => {
  vi.useFakeTimers();
  openWindow('#/plan', 'working', { plan: () => new Promise(() => undefined) });
  expect(screen.queryByText(/Reading the plan/)).toBeNull();
  await vi.advanceTimersByTimeAsync(250);
  expect(screen.getByText(/Reading the plan/)).toBeTruthy();
  vi.useRealTimers();
});

test('an error that is not a refusal still has a next step', async () => {
  openWindow('#/plan', 'working', {
    plan: async () => {
      throw new TypeError('gone');
    },
  });
  expect((await screen.findByRole('alert')).textContent).toContain('Close the window and open it again');
});

test('with more than one pack, the plan says which it is and can be that of another', async () => {
  const chosen: string[] = [];
  const base = fake(new URLSearchParams({ pace: '0' }));
  const { user } = openWindow('#/plan', 'working', {
    plan: async () => {
      const open = chosen.at(-1) ?? 'shipped-id';
      const packs = ['shipped-id', 'workshop-id'].map((id) => ({ id, title: `Title of ${id}`, open: id === open }));
      return { ...(await base.plan()), title: `Plan of ${open}`, packs };
    },
    usePack: async (id) => {
      chosen.push(id);
      return null;
    },
  });
  const select = await screen.findByRole('combobox', { name: 'Pack' });
  await expectAccessible();
  await user.selectOptions(select, 'Title of workshop-id');
  await screen.findByRole('heading', { name: 'Plan of workshop-id' });
  expect(chosen).toEqual(['workshop-id']);
});

test('a pack that cannot be opened leaves the one that is, says why, and can be tried again', async () => {
  const asked: string[] = [];
  const base = fake(new URLSearchParams({ pace: '0' }));
  const { user } = openWindow('#/plan', 'working', {
    plan: async () => {
      const packs = ['one', 'two', 'two'].map((id) => ({
        id,
        title: `Pack ${id}`,
        open: id === (asked.length > 1 ? 'two' : 'one'),
      }));
      return { ...(await base.plan()), packs };
    },
    usePack: async (id) => {
      asked.push(id);
      if (asked.length > 1) return null;
      const [message, nextStep] = ['the pack is gone', 'Install it again.'];
      throw new Refused({ code: 'pack.gone', message, nextStep, owner: 'learner' });
    },
  });
  const select = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'Pack' });
  await user.selectOptions(select, 'two');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Install it again.');
  expect(select.value).toBe('one');
  await expectAccessible();
  await user.click(within(alert).getByRole('button', { name: 'Try again' }));
  await eventually(() => expect(select.value).toBe('two'));
  expect(asked).toEqual(['two', 'two']);
  expect(screen.queryByRole('alert')).toBeNull();
});
