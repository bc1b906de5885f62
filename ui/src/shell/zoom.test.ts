import { screen } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';

import { openWindow } from '../test.window';

test('Ctrl and plus, minus and 0 draw all larger, smaller and as usual, and the next start is as it was left', async () => {
  const zoom = vi.fn(async () => null);
  const { user } = openWindow('#/plan', 'working', { zoom });
  await screen.findByRole('main', { name: 'Plan' });
  expect(zoom).not.toHaveBeenCalled();
  // On one keyboard plus is shifted, on the other it is not.
  await user.keyboard('{Control>}={/Control}{Control>}{Shift>}+{/Shift}{/Control}{Control>}-{/Control}');
  expect(zoom.mock.calls).toEqual([[110], [125], [110]]);
  expect(localStorage.getItem('zoom')).toBe('110');
  await user.keyboard('{Control>}0{/Control}');
  expect(zoom).toHaveBeenLastCalledWith(100);
  expect(localStorage.getItem('zoom')).toBeNull();

  localStorage.setItem('zoom', '150');
  vi.resetModules();
  const again = await import('./zoom.svelte');
  expect(again.zoom.percent).toBe(150);
  for (let step = 0; step < 5; step++) again.zoom.larger();
  expect(again.zoom.percent).toBe(200);
  for (let step = 0; step < 20; step++) again.zoom.smaller();
  expect(again.zoom.percent).toBe(50);
});
