import '../language/en/lab';

import { render, screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { expectAccessible } from '../test.accessible';
import Pair from './Pair.svelte';

const words = (element: Element) => element.textContent.replaceAll(/\s+/g, ' ').trim();

test('one line each stands above the other, with what differs marked', () => {
  render(Pair, { expected: 'port 8000', actual: 'port 8080' });
  expect(screen.getAllByRole('definition').map(words)).toEqual(['port 8000', 'port 8080']);
  expect([...document.querySelectorAll('mark')].map(words)).toEqual(['0', '8']);
});

test('several lines are told line by line, also to a screen reader', async () => {
  const lines = Array.from({ length: 12 }, (_, at) => `line ${at}`);
  render(Pair, { expected: [...lines, 'port = 8000', 'end'].join('\n'), actual: [...lines, 'port = 8080'].join('\n') });
  const region = screen.getByRole('region', { name: 'Expected and actual, line by line' });
  expect(within(region).getAllByRole('listitem').map(words)).toEqual([
    ...['9 lines alike', 'line 9', 'line 10', 'line 11'],
    ...['+expected: port = 8000', '+expected: end', '−actual: port = 8080'],
  ]);
  expect(words(document.body)).toContain('+ expected − actual');
  await expectAccessible();
});

test('of one side alone there is nothing to compare', () => {
  render(Pair, { expected: null, actual: 'a\nb' });
  expect(screen.getAllByRole('definition').map((each) => each.textContent.trim())).toEqual(['a\nb']);
});
