// The guide's page: each directive as a learner meets it.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { eventually, expectAccessible, openWindow, row } from '../../test.window';

const LAB = '#/lab/orientation';
const guide = () => within(screen.getByRole('region', { name: 'Guide' }));

async function open(step: string) {
  const opened: unknown[] = [];
  const window = openWindow(LAB, 'telling', {
    openEditor: async (...where) => {
      opened.push(where);
      return null;
    },
  });
  await window.user.click(await screen.findByRole('button', { name: new RegExp(`${step} \\d/`) }));
  return { ...window, opened };
}

test('a block of a file is titled with it and opens it at its line', async () => {
  const { user, opened } = await open('Find your workspace');
  expect(guide().getByText('hello.py:3')).toBeTruthy();
  await user.click(guide().getByRole('button', { name: 'Open in editor' }));
  expect(opened).toEqual([['orientation', 'hello.py', 3]]);
  await user.click(guide().getByRole('button', { name: 'Copy code' }));
  expect(await navigator.clipboard.readText()).toBe('print("Hello from Groundwork")');
  await expectAccessible();
});

test('a command can be copied', async () => {
  const { user } = await open('Run a program');
  expect(guide().getAllByText('In the workspace')).toBeTruthy();
  await user.click(guide().getAllByRole('button', { name: 'Copy code' })[0] as HTMLElement);
  expect(await navigator.clipboard.readText()).toBe('. .groundwork/activate\npython hello.py');
  await expectAccessible();
});

test('boxes, figures, tables and headings', async () => {
  await open('Ask the local model');
  expect(
    guide()
      .getAllByRole('note')
      .map((box) => box.querySelector('.title')?.textContent?.trim()),
  ).toEqual(['One address', 'Warning', 'On Linux']);
  const figure = guide().getByRole('img', { name: /The program calls the gateway/ });
  expect(figure.getAttribute('src')).toMatch(/^data:image\/svg\+xml;base64,/);
  expect(guide().getByText('Who calls whom')).toBeTruthy();
  expect(guide().getByRole('row', { name: /OPENAI_API_KEY/ })).toBeTruthy();
  expect(guide().getByRole('heading', { level: 3, name: 'What the environment holds' })).toBeTruthy();
  await expectAccessible();
});

test('links open a check, a screen, a page at its heading, and copy an address', async () => {
  const { user } = await open('Ask the local model');
  await user.click(guide().getByRole('link', { name: 'GET /health' }));
  expect(row('health').getAttribute('aria-current')).toBe('true');
  await user.click(guide().getByRole('button', { name: /Your code got an answer/ }));
  expect(row('first-answer').getAttribute('aria-current')).toBe('true');
  await user.click(guide().getByRole('link', { name: 'platform.openai.com/docs' }));
  expect(await navigator.clipboard.readText()).toBe('https://platform.openai.com/docs');
  expect(location.hash).toBe(LAB);
  await user.click(guide().getByRole('link', { name: 'in the last step' }));
  await eventually(() => expect(document.activeElement?.textContent?.trim()).toBe('What needs a network'));
  expect(screen.getByText('Step 4 of 5')).toBeTruthy();
});

test('a question in the text is answered there, and beside it the same answer is chosen', async () => {
  const { user } = await open('Know what stays here');
  await user.click(row('stays-here'));
  await user.click(guide().getByRole('checkbox', { name: /Getting an answer/ }));
  await user.click(guide().getByRole('checkbox', { name: /Keeping the record/ }));
  await user.click(guide().getByRole('button', { name: 'Answer' }));
  await eventually(() => expect(row('stays-here').dataset.status).toBe('passed'));
  expect(guide().getByText(/^Right: the model and the record/)).toBeTruthy();
  const beside = within(screen.getByRole('region', { name: 'Open check' }));
  await user.click(row('stays-here'));
  expect(beside.getAllByRole('checkbox').map((each) => (each as HTMLInputElement).checked)).toEqual([
    true,
    true,
    false,
  ]);
  await expectAccessible();
});

test('a figure that is not there says what it would show', async () => {
  await open('Tell of it');
  expect(guide().getByText(/no file for it. It shows: A lost drawing/)).toBeTruthy();
});
