// Where the focus goes when what had it goes, and what the reader looks at.

import { screen, within } from '@testing-library/svelte';
import { expect, onTestFinished, test, vi } from 'vitest';

import { outcome } from '../backend/fake/lab';
import { eventually, openWindow, row } from '../test.window';

const LAB = '#/lab/orientation';
const detail = () => screen.getByRole('region', { name: 'Open check' });
const guide = () => within(screen.getByRole('region', { name: 'Guide' }));

test('a check that turns green leaves the focus to its pane', async () => {
  const { backend } = openWindow(LAB);
  await screen.findByRole('button', { name: 'Run all checks' });
  within(detail()).getByRole('button', { name: 'settings.json:2' }).focus();
  backend.emit({ type: 'check_finished', lab: 'orientation', outcome: outcome('settings-model', true) });
  backend.emit({ type: 'report_finished', lab: 'orientation', passed: 4, checks: 7, stopped: [] });
  await eventually(() => expect(row('health').getAttribute('aria-current')).toBe('true'));
  expect(document.activeElement).toBe(detail());
});

test('who works elsewhere keeps the focus when a check turns green', async () => {
  const { backend } = openWindow(LAB);
  const button = await screen.findByRole('button', { name: 'Run all checks' });
  button.focus();
  backend.emit({ type: 'check_finished', lab: 'orientation', outcome: outcome('settings-model', true) });
  backend.emit({ type: 'report_finished', lab: 'orientation', passed: 4, checks: 7, stopped: [] });
  await eventually(() => expect(row('health').getAttribute('aria-current')).toBe('true'));
  expect(document.activeElement).toBe(button);
});

test('another page of the guide is begun at its heading', async () => {
  const { user } = openWindow(LAB);
  await screen.findByText('Step 3 of 4');
  await user.click(guide().getByRole('button', { name: /^Next: / }));
  const heading = guide().getByRole('heading', { level: 2 });
  await eventually(() => expect(document.activeElement).toBe(heading));
  expect(screen.getByText('Step 4 of 4')).toBeTruthy();

  // Who goes by the arrows goes on by them, as far as there are pages.
  await user.click(guide().getByRole('button', { name: 'Previous step' }));
  expect(screen.getByText('Step 3 of 4')).toBeTruthy();
  expect(document.activeElement).toBe(guide().getByRole('button', { name: 'Previous step' }));
  await user.click(guide().getByRole('button', { name: 'Next step' }));
  await eventually(() => expect(document.activeElement).toBe(heading));
});

test('the explanation is followed while its end is in sight, and no longer', async () => {
  const follow = vi.fn();
  Element.prototype.scrollIntoView = follow;
  onTestFinished(() => void Reflect.deleteProperty(Element.prototype, 'scrollIntoView'));
  let end = 100;
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
    return { top: 0, bottom: this.matches('.explain') ? end : 200 } as DOMRect;
  });
  const { backend, user } = openWindow(LAB, 'working', { explainCheck: async () => 3901 });
  const say = (text: string) => backend.emit({ type: 'task', task: 3901, step: { step: 'output', text } });
  await user.click(await screen.findByRole('button', { name: 'Ask the model why' }));
  const said = await screen.findByRole('region', { name: "The model's explanation" });
  say('It is ');
  say('missing.');
  await eventually(() => expect(said.textContent).toContain('It is missing.'));
  expect(follow).toHaveBeenCalled();

  // The reader scrolls up: the end is far below.
  follow.mockClear();
  end = 400;
  say(' Make it.');
  await eventually(() => expect(said.textContent).toContain('Make it.'));
  expect(follow).not.toHaveBeenCalled();

  end = 210;
  say(' Then save.');
  await eventually(() => expect(said.textContent).toContain('Then save.'));
  expect(follow).toHaveBeenCalled();
});
