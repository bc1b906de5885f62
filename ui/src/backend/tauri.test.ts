// The one piece between the window and the shell: what Rust refuses is thrown, what it answers is passed on.

import { mockIPC } from '@tauri-apps/api/mocks';
import { expect, test } from 'vitest';

import { problemOf, Refused } from './problem';
import { tauri } from './tauri';

test('an answer is passed on, with the arguments by their Rust names', async () => {
  const asked: unknown[] = [];
  mockIPC((command, given) => {
    asked.push([command, given]);
    return 7;
  });
  expect(await tauri.startLab('orientation')).toBe(7);
  expect(asked).toEqual([['start_lab', { slug: 'orientation' }]]);
});

test('a refusal is thrown with its problem', async () => {
  const problem = { code: 'a.b', message: 'No.', nextStep: 'Do this.', owner: 'learner' };
  mockIPC(() => Promise.reject(problem));
  const thrown = await tauri.plan().catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Refused);
  expect((thrown as Refused).problem).toEqual(problem);
});

test.each([
  ['invalid args `slug` for command `start_lab`: missing', /error of its own: invalid args `slug`/],
  [{ message: 'half a problem' }, /error of its own: \{"message":"half a problem"\}/],
  [null, /error of its own: null/],
])('a refusal that is no problem, %j, is told as an error of the window', async (refused, wanted) => {
  mockIPC(() => Promise.reject(refused));
  const thrown = await tauri.startLab('orientation').catch((error: unknown) => error);
  expect(thrown).not.toBeInstanceOf(Refused);
  const problem = problemOf(thrown);
  expect(problem.message).toMatch(wanted);
  expect(problem.nextStep).not.toBe('');
});
