// The one piece between the window and the shell: what Rust refuses is thrown, what it answers is passed on.

import { mockIPC } from '@tauri-apps/api/mocks';
import { expect, test } from 'vitest';

import { Refused } from './problem';
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
