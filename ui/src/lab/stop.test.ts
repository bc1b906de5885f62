// A run of checks: how it is stopped, and what a screen reader hears of it.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { outcome } from '../backend/fake/lab';
import { eventually, expectAccessible, openWindow, row } from '../test.window';

const LAB = '#/lab/orientation';
const lab = 'orientation';
const told = () => document.querySelector('.checks .unseen[role="status"]')?.textContent ?? '';

test('a run can be stopped while it goes on, and what did not run says so', async () => {
  let stops = 0;
  const { backend, user } = openWindow(LAB, 'working', {
    stopChecks: async () => {
      stops += 1;
      return null;
    },
  });
  const button = await screen.findByRole('button', { name: 'Run all checks' });
  backend.emit({ type: 'check_started', lab, check: 'hello-there' });
  await eventually(() => expect(screen.getByRole('button', { name: 'Stop checks' })).toBe(button));
  backend.emit({ type: 'check_finished', lab, outcome: outcome('hello-there', true) });
  await eventually(() => expect(row('hello-there').dataset.status).toBe('passed'));
  // Between two checks none is running, and the run goes on.
  expect(screen.getByRole('button', { name: 'Stop checks' })).toBe(button);
  backend.emit({ type: 'check_started', lab, check: 'hello-greets' });
  await expectAccessible();
  await user.click(button);
  expect(stops).toBe(1);
  backend.emit({ type: 'report_finished', lab, passed: 3, checks: 7, stopped: ['hello-greets', 'settings-model'] });
  await eventually(() => expect(screen.getByRole('button', { name: 'Run all checks' })).toBe(button));
  expect(document.activeElement).toBe(button);
  // What was known of them stays.
  expect(['hello-greets', 'settings-model'].map((id) => row(id).dataset.status)).toEqual(['passed', 'failed']);
  expect([...document.querySelectorAll('.took')].filter((each) => each.textContent === 'not run')).toHaveLength(2);
  expect(row('settings-model').textContent).toContain('not run');
  expect(screen.getByText('The run was stopped before this check was through.')).toBeTruthy();
  expect(told()).toMatch(/^Stopped: 2 checks did not run. 3 of 7 checks passed./);
  await expectAccessible();

  backend.emit({ type: 'check_started', lab, check: 'settings-model' });
  backend.emit({ type: 'check_finished', lab, outcome: outcome('settings-model', false) });
  backend.emit({ type: 'report_finished', lab, passed: 3, checks: 7, stopped: [] });
  await eventually(() => expect(row('settings-model').textContent).not.toContain('not run'));
  expect(row('hello-greets').textContent).toContain('not run');
  expect(screen.queryByText('The run was stopped before this check was through.')).toBeNull();
});

test('a double click begins a run and does not end it', async () => {
  const asked: string[] = [];
  const { backend, user } = openWindow(LAB, 'working', {
    checkLab: async () => {
      asked.push('run');
      backend.emit({ type: 'check_started', lab, check: 'hello-there' });
      return null;
    },
    stopChecks: async () => {
      asked.push('stop');
      return null;
    },
  });
  await user.dblClick(await screen.findByRole('button', { name: 'Run all checks' }));
  await screen.findByRole('button', { name: 'Stop checks' });
  expect(asked).toEqual(['run']);
});

test('a screen reader is told what a run came to, once it is over', async () => {
  const { backend } = openWindow(LAB);
  await screen.findByRole('button', { name: 'Run all checks' });
  const said: string[] = [];
  const hear = () => told() !== said.at(-1) && said.push(told());
  hear();
  const observer = new MutationObserver(hear);
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  for (const check of ['hello-there', 'settings-model']) {
    backend.emit({ type: 'check_started', lab, check });
    await eventually(() => expect(row(check).dataset.status).toBe('running'));
    backend.emit({ type: 'check_finished', lab, outcome: outcome(check, true) });
    await eventually(() => expect(row(check).dataset.status).toBe('passed'));
  }
  backend.emit({ type: 'report_finished', lab, passed: 4, checks: 7, stopped: [] });
  const after = '4 of 7 checks passed. First to fix: The service answers GET /health.';
  await eventually(() => expect(told()).toBe(after));
  observer.disconnect();
  const before = '3 of 7 checks passed. First to fix: settings.json names the local model.';
  expect(said).toEqual([before, '', after]);
});
