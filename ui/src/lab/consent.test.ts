import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { lab as blank } from '../backend/fake/lab';
import { expectAccessible, openWindow } from '../test.window';

test('what a pack runs twice is listed twice', async () => {
  const runs = { services: ['sh serve.sh', 'sh serve.sh'], programs: ['pytest', 'pytest'], packages: [] };
  openWindow('#/lab/orientation', 'fresh', {
    lab: async () => ({
      ...blank(),
      consent: {
        ...{ title: 'Workshop', version: 1, authors: [], digest: 'd1', confinement: 'its workspace alone' },
        labs: [{ slug: 'orientation', title: 'Orientation', ...runs }],
      },
    }),
  });
  await screen.findByRole('heading', { name: 'This pack did not come with Groundwork' });
  for (const line of ['sh serve.sh', 'pytest']) expect(screen.getAllByText(line)).toHaveLength(2);
  await expectAccessible();
});
