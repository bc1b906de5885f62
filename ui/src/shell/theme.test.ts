// The script before the first paint and the store after it decide alike.

import { readFileSync } from 'node:fs';

import { beforeEach, expect, test, vi } from 'vitest';

// From the folder that the tests run in.
const early = readFileSync('public/theme.js', 'utf8');
const { dataset } = document.documentElement;
const shown = () => `${dataset.theme} ${dataset.contrast}`;

let system: string[] = [];
const heard: (() => void)[] = [];

beforeEach(() => {
  heard.length = 0;
  vi.resetModules();
  vi.stubGlobal('matchMedia', (query: string) => ({
    get matches() {
      return system.some((each) => query.includes(each));
    },
    addEventListener: (_: string, change: () => void) => heard.push(change),
  }));
});

test.each([
  [null, null, [], 'light plain'],
  [null, null, ['dark'], 'dark plain'],
  [null, null, ['dark', 'more'], 'dark more'],
  ['light', null, ['dark', 'more'], 'light more'],
  ['dark', 'more', [], 'dark more'],
  ['neon', 'less', [], 'light plain'],
])('theme %s and contrast %s on a system that asks for %j: %s', async (theme, contrast, asked, wanted) => {
  system = asked;
  if (theme) localStorage.setItem('theme', theme);
  if (contrast) localStorage.setItem('contrast', contrast);

  new Function(early)();
  expect(shown()).toBe(wanted);

  [dataset.theme, dataset.contrast] = ['', ''];
  await import('./theme.svelte');
  for (const change of heard) change();
  expect(shown()).toBe(wanted);
});

test('storage that is refused means as the system has it', () => {
  system = ['dark'];
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new Error('refused');
  });
  new Function(early)();
  expect(shown()).toBe('dark plain');
});
