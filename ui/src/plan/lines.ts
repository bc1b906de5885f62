// The lines of the burn-up, in the units of its drawing.

import type { BurnUp } from '../backend/backend';

/** The drawing, and what lies around its lines. */
export const FRAME = { width: 560, height: 168, left: 36, right: 12, top: 8, bottom: 20 };

export interface Lines {
  x: (day: number) => number;
  y: (checks: number) => number;
  /** The last day that is drawn. */
  last: number;
  passed: string;
  planned: string;
  forecast: string | null;
  /** The end of what passed. */
  today: { x: number; y: number };
}

/** A line up to each point; what passed goes up on its day, and is level between. */
export function lines({ checks, points, forecast }: BurnUp): Lines {
  const end = points.at(-1)?.day ?? 1;
  // A far day would leave no room for the days that are near.
  const last = Math.max(end, Math.min(forecast?.day ?? 0, 2 * end));
  const x = (day: number) => FRAME.left + (day / last) * (FRAME.width - FRAME.left - FRAME.right);
  const y = (done: number) =>
    FRAME.height - FRAME.bottom - (done / Math.max(checks, 1)) * (FRAME.height - FRAME.top - FRAME.bottom);
  const start = `M${x(0)} ${y(0)}`;
  let [day, sum] = [0, 0];
  let passed = start;
  for (const point of points) {
    if (point.passed === null) continue;
    [day, sum] = [point.day, point.passed];
    passed += `H${x(day)}V${y(sum)}`;
  }
  let ahead: string | null = null;
  if (forecast) {
    const share = (last - day) / Math.max(forecast.day - day, 1);
    ahead = `M${x(day)} ${y(sum)}L${x(Math.min(forecast.day, last))} ${y(sum + Math.min(share, 1) * (checks - sum))}`;
  }
  return {
    ...{ x, y, last, passed },
    planned: points.reduce((line, point) => `${line}L${x(point.day)} ${y(point.planned)}`, start),
    forecast: ahead,
    today: { x: x(day), y: y(sum) },
  };
}

/** Days to write below the lines: six at most, at round numbers. */
export function marks(last: number): number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 90, 180].find((each) => last / each <= 6) ?? Math.ceil(last / 6);
  return Array.from({ length: Math.floor(last / step) }, (_, at) => (at + 1) * step);
}
