import { expect, test } from 'vitest';

import { joined } from './lab.svelte';

test.each([
  ['nothing heard', 'abc', '', 'abc'],
  ['heard after the reading', 'abc', 'de', 'abcde'],
  ['heard and read', 'abc', 'bc', 'abc'],
  ['heard, partly read', 'abc', 'cd', 'abcd'],
  ['nothing read', '', 'ab', 'ab'],
])('%s', (_, read, heard, whole) => {
  expect(joined([...read], [...heard], (one, other) => one === other).join('')).toBe(whole);
});
