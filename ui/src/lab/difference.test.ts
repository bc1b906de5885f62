import { expect, test } from 'vitest';

import { difference, type Part } from './difference';

const marked = (parts: Part[]) => parts.map((part) => (part.differs ? `[${part.text}]` : part.text)).join('');

test.each([
  // What differs is marked once, from the first to the last difference.
  ['smollm2', 'SmolLM2', '[smollm]2', '[SmolLM]2'],
  ['port 8000', 'port 8080', 'port 80[0]0', 'port 80[8]0'],
  // Blank differences are made visible.
  ['Hello', 'Hello ', 'Hello', 'Hello[·]'],
  ['a\tb c', 'a b c', 'a[→]b c', 'a[·]b c'],
  // Nothing in common, or the same: nothing is marked.
  ['200', 'connection refused', '200', 'connection refused'],
  ['same', 'same', 'same', 'same'],
  ['', 'something', '', 'something'],
])('%j against %j', (expected, actual, expectedShown, actualShown) => {
  const parts = difference(expected, actual);
  expect([marked(parts.expected), marked(parts.actual)]).toEqual([expectedShown, actualShown]);
});

test('long texts come back whole', () => {
  const long = 'x'.repeat(500);
  expect(marked(difference(long, `${long}y`).actual)).toBe(`${long}y`);
});
