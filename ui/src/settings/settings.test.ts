import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { expectAccessible, openWindow } from '../test.window';

test('the doctor tells each finding and what mends it', async () => {
  openWindow('#/settings', 'trouble');
  await screen.findByText('3 findings to mend');
  expect(screen.getByText('No python3 was found on the PATH.')).toBeTruthy();
  expect(screen.getByText(/sudo apt install python3/)).toBeTruthy();
  await expectAccessible();
});

test('theme and contrast are chosen at once, each by itself, and kept', async () => {
  const { user } = openWindow('#/settings');
  const { dataset } = document.documentElement;
  const kept = () => [dataset.theme, dataset.contrast, localStorage.getItem('theme'), localStorage.getItem('contrast')];
  const choose = async (group: string, name: string) =>
    user.click(within(await screen.findByRole('group', { name: group })).getByRole('radio', { name }));
  await choose('Theme', 'Dark');
  expect(kept()).toEqual(['dark', 'plain', 'dark', null]);
  await choose('Contrast', 'More');
  expect(kept()).toEqual(['dark', 'more', 'dark', 'more']);
  await expectAccessible();
  await choose('Theme', 'As the system');
  expect(kept()).toEqual(['light', 'more', null, 'more']);
  await choose('Contrast', 'As the system');
  expect(kept()).toEqual(['light', 'plain', null, null]);
  await screen.findByText('All labs can be done on this machine');
  await expectAccessible();
});

test('two findings of one name are both told', async () => {
  openWindow('#/settings', 'working', {
    doctor: async () => [
      { name: 'Pack', state: 'bad', detail: 'first', nextStep: null },
      { name: 'Pack', state: 'bad', detail: 'second', nextStep: null },
    ],
  });
  await screen.findByText('2 findings to mend');
  expect(screen.getAllByText('Pack')).toHaveLength(2);
});
