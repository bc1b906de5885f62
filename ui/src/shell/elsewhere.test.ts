// Long work that ends while the learner looks at another screen.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import type { Problem } from '../backend/backend';
import type { Fake } from '../backend/fake';
import { eventually, expectAccessible, openWindow } from '../test.window';

function end(backend: Fake, task: number, title: string, output: string): void {
  backend.emit({ type: 'task', task, step: { step: 'started', title } });
  backend.emit({ type: 'task', task, step: { step: 'output', text: output } });
  backend.emit({ type: 'task', task, step: { step: 'finished' } });
}

async function leave(user: ReturnType<typeof openWindow>['user']): Promise<void> {
  await user.keyboard('{Control>}1{/Control}');
  await screen.findByRole('main', { name: 'Plan' });
}

test('a download that ended is told with the way to it, and its card waits no longer', async () => {
  const { backend, user } = openWindow('#/models', 'working', { downloadModel: async () => 5101 });
  const gemma = () => screen.findByRole('region', { name: 'Gemma 3 270M' });
  await user.click(within(await gemma()).getByRole('button', { name: 'Download 253 MB' }));
  await within(await gemma()).findByRole('button', { name: 'Cancel' });
  await leave(user);
  end(backend, 5101, 'Downloading a model', 'gemma-3-270m is installed.');
  const notice = (await screen.findByText('Downloading a model')).closest<HTMLElement>('[role=status]');
  expect(notice?.textContent).toContain('gemma-3-270m is installed.');
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Go to Models' }));
  await within(await gemma()).findByRole('button', { name: 'Download 253 MB' });
  expect(screen.queryByText('gemma-3-270m is installed.')).toBeNull();
});

test('work that failed elsewhere says why until it is dismissed, and once', async () => {
  const problem: Problem = { code: 'x.y', message: 'No network.', nextStep: 'Go on later.', owner: 'learner' };
  const { backend, user } = openWindow('#/vectors', 'working', { exportCollection: async () => 5102 });
  await user.click(await screen.findByRole('button', { name: 'Export' }));
  const dialog = await screen.findByRole('dialog');
  await user.type(within(dialog).getByRole('textbox'), '/home/ada/points.jsonl');
  await user.click(within(dialog).getAllByRole('button').at(-1) as HTMLElement);
  await eventually(() => expect(screen.queryByRole('dialog')).toBeNull());
  await leave(user);
  backend.emit({ type: 'task', task: 5102, step: { step: 'failed', problem } });
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toMatch(/No network\..*Go on later\..*Go to Vectors/);
  await user.click(within(alert).getByRole('button', { name: 'Go to Vectors' }));
  await screen.findByRole('main', { name: 'Vectors' });
  // There it stands beside what it was on.
  await eventually(() => expect(screen.getAllByText('No network.')).toHaveLength(1));
});

test('a stack that stopped elsewhere is told of, and nobody follows its log', async () => {
  let followed = 0;
  const { backend, user } = openWindow('#/containers', 'working', { stackStop: async () => 5103 });
  const { stackLogs } = backend;
  backend.stackLogs = (...given) => {
    followed += 1;
    return stackLogs(...given);
  };
  await user.click(await screen.findByRole('button', { name: 'Stop' }));
  await leave(user);
  const before = followed;
  end(backend, 5103, 'Stopping a stack', 'api: stopped');
  const go = await screen.findByRole('button', { name: 'Go to Containers' });
  await new Promise((done) => setTimeout(done, 50));
  expect(followed).toBe(before);
  await user.click(go);
  await eventually(() => expect(followed).toBe(before + 1));
});

test('a lab that started elsewhere is told of by its name, and one that was cancelled is not', async () => {
  let task = 5104;
  const { backend, user } = openWindow('#/lab/orientation', 'fresh', { startLab: async () => task });
  await user.click(await screen.findByRole('button', { name: 'Start lab' }));
  await leave(user);
  end(backend, task, 'Starting Orientation', 'Processing ./wheelhouse/openai.whl');
  const notice = (await screen.findByText('Starting Orientation')).closest<HTMLElement>('[role=status]');
  expect(notice?.textContent).toContain('Finished.');
  await user.click(screen.getByRole('button', { name: 'Go to Orientation' }));
  task = 5105;
  await user.click(await screen.findByRole('button', { name: 'Start lab' }));
  await leave(user);
  backend.emit({ type: 'task', task, step: { step: 'cancelled' } });
  await new Promise((done) => setTimeout(done, 50));
  expect(screen.queryByRole('button', { name: 'Go to Orientation' })).toBeNull();
});
