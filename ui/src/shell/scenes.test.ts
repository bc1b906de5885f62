// Each screen where nothing is there, where nothing works, while nobody answers, and without network and engine.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { eventually, expectAccessible, openWindow } from '../test.window';

// Else each is fetched by the first test that opens it.
await Promise.all(Object.values(import.meta.glob('../*/*Screen.svelte')).map((fetch) => fetch()));

/** Waits until the screen says so. */
const says = (words: string | RegExp) =>
  eventually(() => expect(screen.getByRole('main').textContent.replaceAll(/\s+/g, ' ')).toMatch(words), {
    timeout: 10_000,
  });

test.each([
  ['plan', 'This pack has no plan. 0 labs found.'],
  ['lab', 'This pack holds no labs. Settings shows where labs are looked for.'],
  ['models', 'No model is described in this installation. Settings shows what is missing.'],
  ['vectors', 'No collections yet'],
  ['containers', 'None yet. Build one from a Dockerfile of a workspace'],
  ['roadmap', 'This pack has no roadmap. Its plan shows the labs.'],
  ['portfolio', 'No introduction yet'],
  ['settings', 'The doctor had nothing to look at.'],
  ['settings', 'No workspace has a key yet. Each gets one when its lab is started.'],
])('%s with nothing in it: %s', async (place, words) => {
  openWindow(`#/${place}`, 'empty');
  await says(words);
  await expectAccessible();
});

const PLACES = ['plan', 'lab/orientation', 'models', 'vectors', 'containers', 'roadmap', 'portfolio', 'settings'];

test.each(PLACES)('%s where every command fails says the next step, and can be tried again', async (place) => {
  openWindow(`#/${place}`, 'failing');
  await says('End that program, then try again.');
  expect(within(screen.getByRole('main')).getAllByText(/again$/, { selector: 'button' }).length).toBeGreaterThan(0);
  await expectAccessible();
});

test.each(PLACES)('%s says what it waits for while nobody answers', async (place) => {
  openWindow(`#/${place}`, 'silent');
  await says(/^(?!Opening…).*\S…/);
  await expectAccessible();
});

test('a lab of a pack from elsewhere says what it may run, and starts once that is allowed', async () => {
  const { user } = openWindow('#/lab/orientation', 'foreign');
  await says(/api: python -m api/);
  await user.click(screen.getByRole('button', { name: 'Allow this pack' }));
  await screen.findByRole('button', { name: 'Start lab' });
});

test('without a network a download says what it needs, where it goes on, and what works meanwhile', async () => {
  const { user } = openWindow('#/models', 'offline');
  await user.click(await screen.findByRole('button', { name: /^Download/ }));
  await says('could not be reached');
  await says('it goes on where it stopped. Installed models need no network.');
  expect(screen.getByRole('button', { name: /^Download/ })).toBeTruthy();
  expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' }).disabled).toBe(false);
  await expectAccessible();
});

test('without an engine the stacks say how to bring one and what needs none', async () => {
  openWindow('#/containers', 'offline');
  await says('Install one: sudo apt-get install docker.io. Only the labs about containers need it.');
  await says('Everything but the labs about containers works without an engine.');
  await expectAccessible();
});

test('the doctor tells of a server elsewhere that does not answer, and the lab of the call that it refused', async () => {
  const { user } = openWindow('#/settings', 'offline');
  await says('Start that server, or mend [deployments.team] in deployments.toml.');
  location.hash = '#/lab/orientation';
  await user.click(await screen.findByRole('tab', { name: /^Gateway requests/ }));
  await screen.findByText(/upstream_failed/);
});

test('long names and titles stay what they are asked for by', async () => {
  const { user } = openWindow('#/vectors', 'long');
  await user.click(await screen.findByRole('button', { name: /^tickets-of_the_department/ }));
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  const dialog = within(screen.getByRole('dialog'));
  await user.click(dialog.getByRole('button', { name: 'Delete' }));
  await eventually(() => expect(screen.queryByRole('button', { name: /^tickets-/ })).toBeNull());
  expect(screen.getByRole('button', { name: /^handbook-of_the_department/ })).toBeTruthy();
  await expectAccessible();
});
