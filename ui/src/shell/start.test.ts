import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { eventually, openWindow } from '../test.window';

test('the start is reported once, with the paint before the usable plan', async () => {
  const told: [number | null, number | null][] = [];
  const before = Date.now();
  const { user } = openWindow('#/plan', 'working', {
    reportStart: async (painted, usable) => {
      told.push([painted, usable]);
      return null;
    },
  });
  await eventually(() => expect(told).toHaveLength(1), { timeout: 4000 });
  const [painted, usable] = told[0] ?? [];
  expect(painted).toBeGreaterThan(before - 60_000);
  expect(usable).toBeGreaterThanOrEqual(painted ?? 0);
  await user.click(screen.getByRole('link', { name: 'Settings' }));
  await user.click(screen.getByRole('link', { name: 'Plan' }));
  await screen.findByRole('heading', { name: 'Foundation' });
  expect(told).toHaveLength(1);
});
