import { expect, test } from 'vitest';

import { ticks, timeScale } from './curve';

test.each([
  [0.9, [1, 0.98, 0.96, 0.94, 0.92, 0.9]],
  [0.8, [1, 0.95, 0.9, 0.85, 0.8]],
  [0.5, [1, 0.9, 0.8, 0.7, 0.6, 0.5]],
  [0, [1, 0.8, 0.6, 0.4, 0.2, 0]],
])('recall from %d', (least, expected) => {
  expect(ticks(least)).toEqual(expected);
});

test('times lie on a logarithmic axis with round marks', () => {
  const { share, ticks } = timeScale([0.09, 11.4]);
  expect(ticks).toEqual([0.1, 0.3, 1, 3, 10]);
  expect(share(0.09)).toBeGreaterThan(0);
  expect(share(11.4)).toBeLessThan(1);
  expect(share(1) - share(0.1)).toBeCloseTo(share(10) - share(1));
  expect(timeScale([]).ticks.length).toBeGreaterThan(0);
});
