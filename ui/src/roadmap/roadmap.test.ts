import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused } from '../backend/backend';
import { fake } from '../backend/fake';
import { expectAccessible, openWindow } from '../test.window';

const milestone = (title: string) => screen.getByRole('heading', { name: title }).closest('li') as HTMLElement;

test('milestones say where they stand, and lead to the labs that prove them', async () => {
  openWindow('#/roadmap');
  await screen.findByRole('heading', { name: 'Year 1: AI-aware infrastructure engineer' });
  expect(milestone('A model answers').textContent).toContain('Begun');
  const link = within(milestone('A model answers')).getByRole('link', { name: 'Orientation 3 of 7 checks passed' });
  expect(link.getAttribute('href')).toBe('#/lab/orientation');
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

test('a milestone shows what was recorded for it, or that nothing was', async () => {
  const { user } = openWindow('#/roadmap', 'done');
  await screen.findByRole('heading', { name: 'A model answers' });
  const answers = within(milestone('A model answers'));
  expect(answers.getByRole('link').textContent).toContain('7 of 7');
  await user.click(answers.getByText('Evidence: 3 measurements, 1 entry'));
  expect(answers.getByRole('row', { name: /Your program answers/ }).textContent).toContain('first token 210 ms');
  expect(answers.getByText('Where the model runs')).toBeTruthy();
  expect(milestone('A first application on retrieval').textContent).toContain('not in this pack yet, so nothing');
  await expectAccessible();
});

test('a milestone that is not begun has nothing recorded', async () => {
  openWindow('#/roadmap', 'fresh');
  await screen.findByRole('heading', { name: 'A model answers' });
  expect(milestone('A model answers').textContent).toContain('0 of 7');
  expect(milestone('A model answers').textContent).toContain('Nothing measured and nothing written down yet.');
});

test('priorities stand in their order, with what they take and the labs', async () => {
  const { user } = openWindow('#/roadmap');
  await user.click(await screen.findByRole('tab', { name: 'Priorities' }));
  const rows = screen.getAllByRole('row').slice(1);
  expect(rows.map((row) => row.querySelector('.title')?.textContent)).toEqual(['Running models', 'Use at work']);
  expect(within(rows[0] as HTMLElement).getByRole('link', { name: 'Orientation 3 of 7 checks passed' })).toBeTruthy();
  expect(rows[0]?.textContent).toContain('deployment and serving');
  expect(rows[1]?.textContent).toContain('no lab of this plan');
  await expectAccessible();
});

test('the atlas has a row for each thing, by topic, and is searched by words of any column', async () => {
  const { user } = openWindow('#/roadmap');
  await user.click(await screen.findByRole('tab', { name: 'Atlas' }));
  const names = () => screen.queryAllByRole('row').flatMap((row) => row.querySelector('.concept')?.textContent ?? []);
  expect(names()).toEqual(['A model as a service', 'What model= names', 'A vector index']);
  expect(screen.getByRole('row', { name: /A vector index/ }).textContent).toContain('Azure AI Search');
  await expectAccessible();
  await user.type(screen.getByRole('searchbox', { name: 'Find' }), 'bedrock service');
  expect(names()).toEqual(['A model as a service']);
  expect(screen.getByRole('status').textContent).toBe('1 of 3');
  await user.type(screen.getByRole('searchbox', { name: 'Find' }), ' nothing');
  await screen.findByText(/No row has all of that/);
});

test('a roadmap may do without priorities and atlas', async () => {
  const base = fake(new URLSearchParams({ pace: '0' }));
  const { user } = openWindow('#/roadmap', 'working', {
    roadmap: async () => ({ ...(await base.roadmap()), priorities: [], atlas: [] }),
  });
  await user.click(await screen.findByRole('tab', { name: 'Priorities' }));
  await screen.findByText('This pack names no priorities.');
  await user.click(screen.getByRole('tab', { name: 'Atlas' }));
  await screen.findByText('This pack has no atlas.');
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

test('a resource leads to the labs that it is about, as far as the pack has them', async () => {
  const { user } = openWindow('#/roadmap');
  await user.click(await screen.findByRole('tab', { name: 'Resources' }));
  const row = (title: string) => within(screen.getByRole('heading', { name: title }).closest('li') as HTMLElement);
  const tutorial = row('FastAPI: Tutorial, User Guide');
  const links = tutorial.getAllByRole('link');
  expect(links.map((link) => link.getAttribute('href'))).toEqual(['#/lab/orientation']);
  expect(tutorial.getByText('A first service').title).toBe('Not in this pack yet');
  expect(row('General Data Protection Regulation').queryByRole('link')).toBeNull();
  await user.click(links[0] as HTMLElement);
  await screen.findByRole('region', { name: 'Guide' });
});

test('a pack whose labs no resource is about shows no labs beside it', async () => {
  const base = fake(new URLSearchParams({ pace: '0' }));
  const { user } = openWindow('#/roadmap', 'working', {
    roadmap: async () => {
      const roadmap = await base.roadmap();
      return { ...roadmap, resources: roadmap.resources.map((each) => ({ ...each, labs: [] })) };
    },
  });
  await user.click(await screen.findByRole('tab', { name: 'Resources' }));
  const row = screen.getByRole('heading', { name: 'FastAPI: Tutorial, User Guide' }).closest('li') as HTMLElement;
  expect(within(row).queryByRole('list')).toBeNull();
  await expectAccessible();
});

test('a pack without a roadmap, and a roadmap that cannot be read, say so', async () => {
  const { unmount } = openWindow('#/roadmap', 'working', {
    roadmap: async () => ({ years: [], skills: [], priorities: [], atlas: [], resources: [], labs: [] }),
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
