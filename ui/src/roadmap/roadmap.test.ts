import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused } from '../backend/backend';
import { expectAccessible, openWindow } from '../test.window';

const milestone = (title: string) => screen.getByRole('heading', { name: title }).closest('li') as HTMLElement;

test('milestones say where they stand, and lead to the labs that prove them', async () => {
  openWindow('#/roadmap');
  await screen.findByRole('heading', { name: 'Year 1: AI-aware infrastructure engineer' });
  expect(milestone('A model answers').textContent).toContain('Begun');
  expect(within(milestone('A model answers')).getByRole('link', { name: 'Orientation' }).getAttribute('href')).toBe(
    '#/lab/orientation',
  );
  // A lab that is not there leads nowhere.
  expect(within(milestone('A first application on retrieval')).queryByRole('link')).toBeNull();
  expect(milestone('Governance that machines carry out').textContent).toContain('At work');
  await expectAccessible();
});

test('a milestone whose labs are done is met', async () => {
  openWindow('#/roadmap', 'done');
  await screen.findByText('1 of 2 milestones met');
  expect(milestone('A model answers').textContent).toContain('Met');
});

test('a skill leads to what to read about it, which can be searched', async () => {
  const { user } = openWindow('#/roadmap');
  await user.click(await screen.findByRole('tab', { name: /Skills/ }));
  expect(screen.getByRole('row', { name: /Kubernetes/ }).textContent).toContain('no lab of this plan');
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Resources on Data privacy' }));
  expect(screen.getByText('1 of 2')).toBeTruthy();
  expect(screen.getByRole('heading', { name: 'General Data Protection Regulation' })).toBeTruthy();
  await expectAccessible();
  await user.selectOptions(screen.getByRole('combobox', { name: 'Skill' }), 'All skills');
  await user.type(screen.getByRole('searchbox', { name: 'Find' }), 'fastapi path');
  expect(screen.getByRole('heading', { name: 'FastAPI: Tutorial, User Guide' })).toBeTruthy();
  await user.type(screen.getByRole('searchbox', { name: 'Find' }), ' nothing');
  await screen.findByText(/Nothing has all of that/);
});

test('a pack without a roadmap, and a roadmap that cannot be read, say so', async () => {
  const { unmount } = openWindow('#/roadmap', 'working', {
    roadmap: async () => ({ years: [], skills: [], resources: [] }),
  });
  await screen.findByText(/This pack has no roadmap/);
  await expectAccessible();
  unmount();
  const problem = {
    code: 'roadmap.library',
    message: 'The library of resources cannot be read.',
    nextStep: 'Install Groundwork again.',
    owner: 'learner' as const,
  };
  openWindow('#/roadmap', 'working', {
    roadmap: async () => {
      throw new Refused(problem);
    },
  });
  expect((await screen.findByRole('alert')).textContent).toContain('The library of resources cannot be read.');
});
