import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused } from '../backend/backend';
import { eventually, expectAccessible, openWindow, row } from '../test.window';

const LAB = '#/lab/orientation';
const rows = () => within(screen.getByRole('dialog')).getAllByRole('listitem');

test('the snapshots are listed: when, why, which files, how large', async () => {
  const { user } = openWindow(LAB);
  await user.click(await screen.findByRole('button', { name: 'Snapshots' }));
  const dialog = screen.getByRole('dialog', { name: 'Snapshots of your files' });
  await within(dialog).findByText('Before a reset');
  expect(rows().map((each) => each.textContent)).toEqual([
    expect.stringMatching(/Before a reset.*2 Mar .*5 files, 6.0 kB.*hello.py, measurements.json, notes.md and 2 more/),
    expect.stringMatching(/A fixed file as you changed it.*1 file, 410 B.*requirements.txt/),
  ]);
  await expectAccessible();
});

test('a snapshot comes back after a question where it stands', async () => {
  const asked: unknown[] = [];
  const { backend, user } = openWindow(LAB);
  const { restoreLab } = backend;
  backend.restoreLab = async (...given) => {
    asked.push(given);
    return restoreLab(...given);
  };
  await user.click(await screen.findByRole('button', { name: 'Snapshots' }));
  await screen.findByText('Before a reset');
  const [first, second] = rows() as [HTMLElement, HTMLElement];
  await user.click(within(second).getByRole('button', { name: /^Restore the files of/ }));
  expect(second.textContent).toContain('Your files of now are kept. Comes back: requirements.txt');
  expect(document.activeElement).toBe(within(second).getByRole('button', { name: 'Cancel' }));
  await user.keyboard('{Enter}');
  expect(document.activeElement).toBe(within(second).getByRole('button', { name: /^Restore the files of/ }));
  expect(asked).toEqual([]);

  await user.click(within(first).getByRole('button', { name: /^Restore the files of/ }));
  expect(first.textContent).toContain('Your files of now are kept, then replaced by these.');
  await expectAccessible();
  await user.click(within(first).getByRole('button', { name: 'Restore files' }));
  await screen.findByText('What you had until now is the newest of the snapshots.');
  expect(asked).toEqual([['orientation', '2026-03-02T09-15-00Z', null]]);
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Snapshots' }));
  await screen.findByText('Before a restore');
});

test('a snapshot that cannot be restored says why, in the list', async () => {
  const { user } = openWindow(LAB, 'working', {
    restoreLab: async () => {
      const message = 'notes.md of the snapshot is damaged on the disk, so nothing was changed';
      throw new Refused({ code: 'snapshot.damaged', message, nextStep: 'Restore another.', owner: 'learner' });
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Snapshots' }));
  await user.click(await screen.findByRole('button', { name: /^Restore the files of 2 Mar/ }));
  await user.click(screen.getByRole('button', { name: 'Restore files' }));
  expect((await within(screen.getByRole('dialog')).findByRole('alert')).textContent).toContain('notes.md');
  await expectAccessible();
});

test('without snapshots the list says so', async () => {
  const { user } = openWindow(LAB, 'done');
  await user.click(await screen.findByRole('button', { name: 'Snapshots' }));
  await screen.findByText('None yet.');
  await user.click(screen.getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a newer version is told of, brought in, and says what it made of the files and the passes', async () => {
  const { user } = openWindow(LAB, 'outdated');
  await screen.findByText('Version 2 of this lab is here.');
  expect(row('health').dataset.status).toBe('stale');
  expect(row('health').textContent).toContain('passed before');
  expect(screen.getByText('5 of 7')).toBeTruthy();
  await user.click(row('health'));
  expect(screen.getByRole('region', { name: 'Open check' }).textContent).toContain('passed before the lab changed');
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Update files' }));
  const note = await screen.findByText(/1 file replaced, service.py.new beside yours/);
  expect(note.parentElement?.textContent).toMatch(/checked again:.*Run a program \(.*\)/s);
  await eventually(() => expect(row('health').dataset.status).toBe('passed'));
  expect(screen.queryByRole('button', { name: 'Update files' })).toBeNull();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Close this note' }));
  expect(screen.queryByText(/beside yours/)).toBeNull();
});
