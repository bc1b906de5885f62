// What pages show where a component wants data.

import { Told, type Problem } from '../components/problem';
import type { Part, Task } from '../components/task';

export const LONG =
  'a-name-without-a-single-place-to-break-it-that-is-longer-than-any-column-which-was-ever-drawn-for-it.toml';

export const problem: Problem = {
  message: 'no Python was found on this machine',
  nextStep: 'Install it: `sudo apt install python3 python3-venv`. Then look again.',
};

export const longProblem: Problem = {
  message: `/home/ada/Groundwork/orientation/${LONG} could not be read: permission denied (os error 13)`,
  nextStep: `Give yourself the right to read it: \`chmod u+r ${LONG}\`. If it belongs to another user, ask them, or copy it.`,
};

export const task = (changes: Partial<Task> = {}): Task => ({
  title: 'Downloading Gemma 3 270M',
  what: 'gemma-3-270m-it-Q4_K_M.gguf',
  share: 0.4,
  done: 101_000_000,
  total: 253_000_000,
  unit: 'bytes',
  parts: [],
  output: [],
  // Stops never: the button stays at "Stopping".
  cancel: () => new Promise(() => {}),
  ...changes,
});

export const layers: Part[] = [
  { name: 'a2abf6c4d29d', what: 'Pull complete', share: 1 },
  { name: '0d431d2c842c', what: 'Extracting', share: 0.6 },
  { name: '9e88a345096e', what: 'Downloading', share: 0.3 },
  { name: 'f051ab59f825', what: 'Waiting', share: 0 },
];

/** Refuses to stop. */
export const stubborn = () =>
  Promise.reject(new Told({ message: 'the task has just ended', nextStep: 'Its result is in the list.' }));
