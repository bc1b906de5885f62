import { expect, test } from 'vitest';

import { difference, differentLines, type Part } from './difference';

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

/** As one would write it down: two signs, the line, what differs in brackets. */
const drawn = (expected: string, actual: string) =>
  differentLines(expected, actual)?.map((line) =>
    line.of === 'skipped'
      ? `… ${line.lines}`
      : `${{ both: ' ', expected: '+', actual: '-' }[line.of]} ${marked(line.parts)}`.trimEnd(),
  );

test.each([
  ['one line each', 'a', 'b', undefined],
  ['one line each, with its end', 'a', 'a\n', undefined],
  [
    'a line that is another',
    'a\nport = 8000\nc',
    'a\nport = 8080\nc',
    ['  a', '+ port = 80[0]0', '- port = 80[8]0', '  c'],
  ],
  ['a line that is missing', 'a\nb\nc', 'a\nc', ['  a', '+ b', '  c']],
  ['a line too many', 'a\nc', 'a\nb\nc', ['  a', '- b', '  c']],
  ['several places', 'a\nb\nc\nd', 'x\nb\nd\ne', ['+ a', '- x', '  b', '+ c', '  d', '- e']],
  ['more lines for fewer', 'a\nb\nz', 'a\nx\ny\nw\nz', ['  a', '+ b', '- x', '- y', '- w', '  z']],
  ['an empty line, and the last line end', 'a\n\nb\n', 'a\nb', ['  a', '+ [⏎]', '  b', '+ [⏎]']],
  ['one line for several', 'exit code 0', 'Error\n  at line 3', ['+ exit code 0', '- Error', '-   at line 3']],
  ['nothing', 'a\nb', '', ['+ a', '+ b', '- [⏎]']],
])('lines: %s', (_, expected, actual, lines) => {
  expect(drawn(expected, actual)).toEqual(lines);
});

test('alike lines far from any other are folded, one alone is not', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);
  const changed = (at: number[], lines: string[]) => lines.map((line, now) => (at.includes(now) ? `x${line}` : line));
  const lines = numbers(30);
  expect(drawn(lines.join('\n'), changed([10, 25], lines).join('\n'))).toEqual([
    ...['… 7', '  7', '  8', '  9', '+ 10', '- [x]10', '  11', '  12', '  13'],
    ...['… 8', '  22', '  23', '  24', '+ 25', '- [x]25', '  26', '  27', '  28', '  29'],
  ]);
});

test('what is too long to be compared line by line is told as a whole, quickly', () => {
  const lines = (word: string) => Array.from({ length: 5000 }, (_, at) => `${word} ${at}`).join('\n');
  const found = differentLines(`same\n${lines('a')}`, `same\n${lines('b')}`);
  expect(found?.map((line) => line.of).filter((of, at, all) => of !== all[at - 1])).toEqual([
    'both',
    'expected',
    'actual',
  ]);
});
