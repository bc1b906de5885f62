import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { eventually, expectAccessible, openWindow } from '../test.window';

test('a screen that breaks says so, and is drawn anew by another try', async () => {
  let whole = false;
  const { user } = openWindow('#/settings', 'working', {
    doctor: async () => [
      {
        name: 'Labs',
        state: 'good',
        detail: whole ? 'One lab.' : (null as unknown as string),
        nextStep: null,
        repair: null,
      },
    ],
  });
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The window met an error of its own');
  expect(screen.getByRole('heading', { level: 1, name: 'Settings' })).toBeTruthy();
  await expectAccessible();
  whole = true;
  await user.click(within(alert).getByRole('button', { name: 'Try again' }));
  await screen.findByText('One lab.');
  expect(screen.queryByRole('alert')).toBeNull();
});

test('what broke on one screen is not shown on another', async () => {
  const { user } = openWindow('#/settings', 'working', { doctor: async () => [null as never] });
  await screen.findByRole('alert');
  await user.click(screen.getByRole('link', { name: 'Plan' }));
  await screen.findByRole('heading', { name: 'Foundation' });
  expect(screen.queryByRole('alert')).toBeNull();
});

test('another lab takes the focus, and the title of the window names it', async () => {
  const { user } = openWindow('#/lab/orientation');
  await user.click(await screen.findByRole('button', { name: 'Run all checks' }));
  await eventually(() => expect(document.title).toBe('Orientation · Groundwork'));
  location.hash = '#/lab/fastapi-first-service';
  await eventually(() => expect(document.title).toBe('A first service · Groundwork'));
  await eventually(() => expect(document.activeElement).toBe(screen.getByRole('main')));
});
