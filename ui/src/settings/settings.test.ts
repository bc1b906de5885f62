import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { expectAccessible, openWindow } from '../test.window';

test('the doctor tells each finding and what mends it', async () => {
  openWindow('#/settings', 'trouble');
  await screen.findByText('3 findings to mend');
  expect(screen.getByText('No python3 was found on the PATH.')).toBeTruthy();
  expect(screen.getByText(/sudo apt install python3/)).toBeTruthy();
  await expectAccessible();
});

test('the theme is chosen at once and kept', async () => {
  const { user } = openWindow('#/settings');
  const { dataset } = document.documentElement;
  await user.click(await screen.findByRole('radio', { name: 'Dark' }));
  expect([dataset.theme, localStorage.getItem('theme')]).toEqual(['dark', 'dark']);
  await expectAccessible();
  await user.click(screen.getByRole('radio', { name: 'As the system' }));
  expect([dataset.theme, localStorage.getItem('theme')]).toEqual(['light', null]);
  await screen.findByText('All labs can be done on this machine');
  await expectAccessible();
});
