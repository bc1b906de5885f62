import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';

import { expectAccessible } from '../test.accessible';
import Bar from './Bar.svelte';
import { notices } from './notices.svelte';
import Parts from './Parts.svelte';
import { Told } from './problem';
import type { Task } from './task';
import TaskLine from './TaskLine.svelte';
import TaskProgress from './TaskProgress.svelte';

const task = (changes: Partial<Task> = {}): Task => ({
  title: 'Downloading Gemma',
  what: 'gemma-3-270m.gguf',
  share: 0.25,
  done: 63_000_000,
  total: 252_000_000,
  unit: 'bytes',
  parts: [],
  output: ['one', 'two', 'three', 'four', 'five', 'six'],
  cancel: async () => null,
  ...changes,
});

test.each([
  [3, 4, 0, ['75%']],
  [0, 0, 0, ['0%']],
  [9, 4, 0, ['100%']],
  [1, 4, 2, ['25%', '50%']],
])('a bar of %d in %d with %d reserved', (value, total, reserved, widths) => {
  render(Bar, { label: 'Checks', value, total, reserved });
  const bar = screen.getByRole('progressbar', { name: 'Checks' });
  expect(bar.getAttribute('aria-valuenow')).toBe(String(value));
  expect([...bar.children].map((each) => (each as HTMLElement).style.width)).toEqual(widths);
});

test('a bar without a known end has no value', async () => {
  render(Bar, { label: 'Work', value: null, total: 1, text: 'Reading' });
  const bar = screen.getByRole('progressbar');
  expect([bar.hasAttribute('aria-valuenow'), bar.getAttribute('aria-valuetext')]).toEqual([false, 'Reading']);
  await expectAccessible();
});

test.each([
  ['a line', TaskLine],
  ['a card', TaskProgress],
])('work as %s says what it does and how far it is', async (_, drawn) => {
  render(drawn, { task: task() });
  expect(screen.getByRole('region', { name: 'Downloading Gemma' })).toBeTruthy();
  expect(screen.getByRole('status').textContent).toBe('gemma-3-270m.gguf');
  expect(screen.getByText('63 MB of 252 MB')).toBeTruthy();
  await expectAccessible();
});

test.each([
  ['a line', TaskLine],
  ['a card', TaskProgress],
])('work as %s is stopped once, and can be stopped again where that failed', async (_, drawn) => {
  const cancel = vi.fn(() => Promise.reject(new Told({ message: 'It is past that.', nextStep: 'Wait.' })));
  render(drawn, { task: task({ cancel }) });
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(notices.list.map((each) => each.message)).toEqual(['It is past that.']);
  cancel.mockImplementation(() => new Promise<never>(() => {}));
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(screen.getByRole('button', { name: 'Stopping' })).toHaveProperty('disabled', true);
});

const parts = [
  { name: 'a2abf6c4d29d', what: 'Extracting', share: 0.6 },
  { name: '9e88a345096e', what: 'Waiting', share: 0 },
];

test('parts have a bar each and say what is done to them', async () => {
  render(Parts, { parts });
  for (const { name, what, share } of parts) {
    const bar = screen.getByRole('progressbar', { name });
    expect([bar.getAttribute('aria-valuenow'), bar.getAttribute('aria-valuetext')]).toEqual([String(share), what]);
    expect([screen.getByText(name), screen.getByText(what)]).toHaveLength(2);
  }
  await expectAccessible();
});

test('a card shows the parts of the step, where it has any', () => {
  const { unmount } = render(TaskProgress, { task: task() });
  expect(screen.queryByRole('list', { name: 'Parts' })).toBeNull();
  unmount();
  render(TaskProgress, { task: task({ parts }) });
  expect(screen.getAllByRole('listitem')).toHaveLength(2);
});

test('a card shows the last five lines, and counts where the end is not known', () => {
  render(TaskProgress, { task: task({ title: '', what: '', share: null, done: 1200, total: null, unit: 'texts' }) });
  expect(screen.getByRole('log').textContent).toBe('two\nthree\nfour\nfive\nsix');
  expect(screen.getByRole('heading').textContent).toBe('Starting');
  expect(screen.getByText('1,200')).toBeTruthy();
});
