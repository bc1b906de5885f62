import { expect, test } from 'vitest';

import { indented } from './json';

test.each([
  ['{"a":{"b":[1,2]},"c":{}}', '{\n  "a": {\n    "b": [\n      1,\n      2\n    ]\n  },\n  "c": {}\n}'],
  // Signs within texts are text, and numbers stay as they were written.
  ['["{,:}\\"]", 1.0, 12345678901234567890]', '[\n  "{,:}\\"]",\n  1.0,\n  12345678901234567890\n]'],
  ['[ ]', '[]'],
  ['"text"', '"text"'],
  ['data: {"a":1}\n\n', 'data: {"a":1}\n\n'],
  ['{{ a }}', '{{ a }}'],
  ['', ''],
])('%j', (text, expected) => {
  expect(indented(text, false)).toBe(expected);
});

test('the beginning of JSON is set in as far as it goes', () => {
  expect(indented('{"a": ["one", "tw', true)).toBe('{\n  "a": [\n    "one",\n    "tw');
  expect(indented('data: {"a":1}\n', true)).toBe('data: {"a":1}\n');
  const deep = indented('['.repeat(60_000), true);
  expect(deep.length).toBeLessThan(60_000 * 50);
});
