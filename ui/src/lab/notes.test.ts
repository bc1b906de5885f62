import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused } from '../backend/backend';
import { eventually, expectAccessible, openWindow } from '../test.window';

const LAB = '#/lab/orientation';
const field = () => screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Notes in Markdown' });

test('notes are kept as they are typed, and are there again', async () => {
  const kept: string[] = [];
  const { backend, user, unmount } = openWindow(LAB);
  const keep = backend.keepNotes.bind(backend);
  backend.keepNotes = (slug, text) => {
    kept.push(text);
    return keep(slug, text);
  };
  await user.click(await screen.findByRole('tab', { name: 'Notes' }));
  await eventually(() =>
    expect(screen.getByRole('textbox', { name: 'Notes in Markdown' })).toHaveProperty('disabled', false),
  );
  await user.type(await field(), '# Ports');
  await screen.findByText(/^Kept at /);
  expect(kept.at(-1)).toBe('# Ports');
  expect(kept.length).toBeLessThan(7);
  await expectAccessible();

  // What is typed right before the screen is left is kept too.
  await user.type(await field(), '!');
  unmount();
  await eventually(() => expect(kept.at(-1)).toBe('# Ports!'));
});

test('notes are read as a page', async () => {
  const { user } = openWindow(LAB, 'working', { notes: async () => ({ text: '## Ports\n\nsee `ask.py`', at: null }) });
  await user.click(await screen.findByRole('tab', { name: 'Notes' }));
  await user.click(await screen.findByRole('button', { name: 'Read as a page' }));
  expect(screen.getByRole('heading', { name: 'Ports' })).toBeTruthy();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Write' }));
  expect((await field()).value).toBe('## Ports\n\nsee `ask.py`');
});

test('notes that could not be kept say so, stay, and are kept by another try', async () => {
  const full = {
    code: 'journal.full',
    message: 'The disk is full.',
    nextStep: 'Make room.',
    owner: 'learner' as const,
  };
  let works = false;
  const { user } = openWindow(LAB, 'working', {
    keepNotes: async (_, text) => {
      if (!works) throw new Refused(full);
      return { text, at: new Date().toISOString() };
    },
  });
  await user.click(await screen.findByRole('tab', { name: 'Notes' }));
  await eventually(() =>
    expect(screen.getByRole('textbox', { name: 'Notes in Markdown' })).toHaveProperty('disabled', false),
  );
  await user.type(await field(), 'lost?');
  expect((await screen.findByText(/^Not kept/)).textContent).toContain('The disk is full. Make room.');
  expect((await field()).value).toBe('lost?');
  works = true;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByText(/^Kept at /);
});
