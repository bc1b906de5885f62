// What the Lab screen keeps while another screen is shown, and what it says of readings that failed.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused } from '../backend/backend';
import { call } from '../backend/fake/facts';
import { eventually, expectAccessible, openWindow, row } from '../test.window';

const LAB = '#/lab/orientation';
const busy = new Refused({ code: 'x.y', message: 'The journal is busy.', nextStep: 'Wait.', owner: 'product' });

/** To the Plan and back. */
async function away(user: ReturnType<typeof openWindow>['user']): Promise<void> {
  await user.keyboard('{Control>}1{/Control}');
  await screen.findByRole('main', { name: 'Plan' });
  await user.keyboard('{Control>}2{/Control}');
  await screen.findByRole('button', { name: 'Run all checks' });
}

test('a half-written entry and the step that was read are there again', async () => {
  const { user } = openWindow(LAB, 'telling');
  await screen.findByRole('button', { name: 'Run all checks' });
  await user.click(row('joined'));
  await user.type(screen.getByRole('textbox', { name: 'Title' }), 'MLO');
  await user.click(screen.getByRole('button', { name: 'Previous step' }));
  expect(screen.getByText('Step 4 of 5')).toBeTruthy();
  await away(user);
  expect(row('joined').getAttribute('aria-current')).toBe('true');
  expect(screen.getByRole('textbox', { name: 'Title' })).toHaveProperty('value', 'MLO');
  expect(screen.getByText('Step 4 of 5')).toBeTruthy();
});

test('notes that could not be kept wait for another try', async () => {
  let works = false;
  const { user } = openWindow(LAB, 'working', {
    keepNotes: async (_, text) => {
      if (!works) throw busy;
      return { text, at: new Date().toISOString() };
    },
  });
  await user.click(await screen.findByRole('tab', { name: 'Notes' }));
  const field = () => screen.getByRole('textbox', { name: 'Notes in Markdown' });
  await eventually(() => expect(field()).toHaveProperty('disabled', false));
  await user.type(field(), 'lost?');
  await screen.findByText(/^Not kept/);
  await away(user);
  expect(field()).toHaveProperty('value', 'lost?');
  await screen.findByText(/^Not kept/);
  works = true;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByText(/^Kept at /);
});

test('what happened meanwhile is seen on the way back', async () => {
  const { backend, user } = openWindow(LAB);
  await screen.findByRole('button', { name: 'Run all checks' });
  await user.keyboard('{Control>}1{/Control}');
  await screen.findByRole('main', { name: 'Plan' });
  const { lab } = backend;
  backend.lab = async (slug) => {
    const read = await lab(slug);
    for (const check of read.steps.flatMap((step) => step.checks)) check.outcome = null;
    return read;
  };
  await user.keyboard('{Control>}2{/Control}');
  await screen.findByRole('button', { name: 'Run all checks' });
  expect(row('settings-model').dataset.status).toBe('none');
});

test('a lab that cannot be read again says so above its work, and can be', async () => {
  const { backend, user } = openWindow(LAB);
  await screen.findByRole('button', { name: 'Run all checks' });
  const { lab } = backend;
  backend.lab = async () => {
    throw busy;
  };
  await user.click(screen.getByRole('button', { name: 'Reset' }));
  await user.click(screen.getByRole('button', { name: 'Reset lab' }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The journal is busy.');
  expect(screen.getByRole('button', { name: 'Run all checks' })).toBeTruthy();
  await expectAccessible();
  backend.lab = lab;
  await user.click(within(alert).getByRole('button', { name: 'Try again' }));
  await eventually(() => expect(screen.queryByRole('alert')).toBeNull());
});

test.each([
  ['Gateway requests', /^No requests yet/, '/v1/chat/completions'],
  ['Service log', 'Nothing printed yet.', 'It runs.'],
])('%s that cannot be read are not taken for none', async (tab, none, read) => {
  let works = false;
  const answer = <Answer>(found: Answer) => (works ? Promise.resolve(found) : Promise.reject(busy));
  const { user } = openWindow(LAB, 'working', {
    gatewayCalls: () => answer([call(200, 31)]),
    serviceLog: () => answer(['It runs.']),
  });
  await user.click(await screen.findByRole('tab', { name: 'Notes' }));
  await user.click(screen.getByRole('tab', { name: tab }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The journal is busy.');
  expect(screen.queryByText(none)).toBeNull();
  await expectAccessible();
  works = true;
  await user.click(within(alert).getByRole('button', { name: 'Try again' }));
  await screen.findByText((text) => text.includes(read));
  expect(screen.queryByRole('alert')).toBeNull();
});

test('a call more draws one row more, also when the oldest goes, and none while the pane is folded', async () => {
  const read = Array.from({ length: 500 }, (_, at) => ({ ...call(200, at), at: '2026-03-02T09:15:00Z' }));
  const { backend, user } = openWindow(LAB, 'working', { gatewayCalls: async () => read });
  const rows = () => [...document.querySelectorAll('#below tbody tr')];
  await user.click(await screen.findByRole('tab', { name: /^Gateway requests/ }));
  await eventually(() => expect(rows()).toHaveLength(500));
  const newest = rows()[0];
  backend.emit({ type: 'gateway_call', lab: 'orientation', call: call(404, 0) });
  await eventually(() => expect(rows()[0]?.textContent).toContain('model_not_found'));
  expect(rows()).toHaveLength(500);
  expect(rows()[1]).toBe(newest);
  await user.click(document.querySelector('[aria-label="Fold the pane"]') as HTMLElement);
  expect(document.querySelector('#below')?.childElementCount).toBe(0);
});
