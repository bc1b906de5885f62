import { expect, test } from 'vitest';

import { parse } from './route.svelte';

test.each([
  ['', 'plan', null],
  ['#/plan', 'plan', null],
  ['#/lab/orientation', 'lab', 'orientation'],
  ['#/lab', 'lab', null],
  ['#/models/x', 'models', null],
  ['#/nonsense', 'plan', null],
  ['#/toString', 'plan', null],
])('%s', (hash, screen, slug) => {
  expect(parse(hash)).toEqual({ screen, slug });
});
