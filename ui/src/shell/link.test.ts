import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { openWindow } from '../test.window';

test('a link that opened the window leads to its screen', async () => {
  openWindow('#/plan', 'working', { takePlace: async () => 'roadmap' });
  await screen.findByRole('heading', { name: 'Roadmap' });
});

test('a link that is followed while the window is open leads there once', async () => {
  const { backend } = openWindow('#/plan');
  await screen.findByRole('main', { name: 'Plan' });
  backend.call('lab/orientation');
  await screen.findByRole('region', { name: 'Checks' });
  expect([location.hash, await backend.takePlace()]).toEqual(['#/lab/orientation', null]);
});
