import { expect, test } from 'vitest';

import type { BurnUp } from '../backend/backend';
import { FRAME, lines, marks } from './lines';

const point = (day: number, passed: number | null, planned: number) => ({ day, date: '2026-03-02', passed, planned });

const burnUp: BurnUp = {
  checks: 10,
  points: [point(1, 2, 5), point(4, 3, 10), point(10, null, 10)],
  forecast: { day: 15, date: '2026-03-16', days: 4, passed: 3 },
};

test('what passed is level between its days, the plan is straight between its points', () => {
  const { x, y, passed, planned, last } = lines(burnUp);
  expect(last).toBe(15);
  expect(passed).toBe(`M${x(0)} ${y(0)}H${x(1)}V${y(2)}H${x(4)}V${y(3)}`);
  expect(planned).toBe(`M${x(0)} ${y(0)}L${x(1)} ${y(5)}L${x(4)} ${y(10)}L${x(10)} ${y(10)}`);
  expect([x(15), y(0), y(10)]).toEqual([FRAME.width - FRAME.right, FRAME.height - FRAME.bottom, FRAME.top]);
});

test.each([
  ['that is near ends with all checks', 15, 15, 10],
  ['that is far leaves at the edge, on its way', 44, 20, 3 + (16 / 40) * 7],
])('a forecast %s', (_, day, at, checks) => {
  const { x, y, forecast, today } = lines({ ...burnUp, forecast: { day, date: '2026-05-01', days: 4, passed: 3 } });
  expect(forecast).toBe(`M${x(4)} ${y(3)}L${x(at)} ${y(checks)}`);
  expect(today).toEqual({ x: x(4), y: y(3) });
});

test('without a forecast nothing is drawn ahead, and a pack without checks is drawn too', () => {
  expect(lines({ ...burnUp, forecast: null }).forecast).toBeNull();
  const { passed } = lines({ checks: 0, points: [point(1, 0, 0)], forecast: null });
  expect(passed).not.toMatch(/NaN|Infinity/);
});

test.each([
  [1, [1]],
  [6, [1, 2, 3, 4, 5, 6]],
  [30, [5, 10, 15, 20, 25, 30]],
  [90, [15, 30, 45, 60, 75, 90]],
  [2000, [334, 668, 1002, 1336, 1670]],
])('%i days have few marks', (last, expected) => {
  expect(marks(last)).toEqual(expected);
});
