import { expect, test } from 'vitest';

import { colour, draw, fit, pick, project, reveal, towards, zoom, type Points } from './plane';

const points: Points = {
  x: Float32Array.from([-10_000, 10_000, 0]),
  y: Float32Array.from([-500, 500, 0]),
  group: Uint8Array.from([0, 1, 1]),
};
const size = { width: 200, height: 100 };

test('all points are in sight, with a margin', () => {
  const view = fit(points, size);
  const places = [0, 1, 2].map((at) => project(view, size, points.x[at] ?? 0, points.y[at] ?? 0));
  expect(places[2]).toEqual([100, 50]);
  for (const [x, y] of places) {
    expect(x > 5 && x < 195).toBe(true);
    expect(y > 0 && y < 100).toBe(true);
  }
  const none = { x: new Float32Array(), y: new Float32Array(), group: new Uint8Array() };
  expect(fit(none, size).scale).toBe(1);
});

test('zooming keeps what is under the pointer', () => {
  const view = fit(points, size);
  const before = project(view, size, 10_000, 500);
  const after = project(zoom(view, size, before, 3), size, 10_000, 500);
  expect(after[0]).toBeCloseTo(before[0]);
  expect(after[1]).toBeCloseTo(before[1]);
});

test('the nearest point is picked, and none where none is near', () => {
  const view = fit(points, size);
  expect(pick(points, view, size, [103, 52], 8)).toBe(2);
  expect(pick(points, view, size, [150, 20], 8)).toBe(-1);
  expect(pick(points, view, size, [103, 52], Infinity, 0)).toBe(0);
});

test.each<[string, number, [number, number], number | null, number]>([
  ['right of the first is the near one, not the far', 0, [1, 0], null, 2],
  ['left of the middle', 2, [-1, 0], null, 0],
  ['left of the middle, of the other group alone', 2, [-1, 0], 1, -1],
  ['right of all is none', 1, [1, 0], null, -1],
  ['above is what lies more above than aside', 2, [0, -1], null, 3],
  ['a point at the same place is in no direction', 3, [0, -1], null, -1],
])('keys go to the next point: %s', (_, from, direction, only, expected) => {
  const more: Points = {
    x: Float32Array.from([...points.x, 50, 50]),
    y: Float32Array.from([...points.y, -60, -60]),
    group: Uint8Array.from([...points.group, 1, 1]),
  };
  expect(towards(more, [more.x[from] ?? 0, more.y[from] ?? 0], direction, only)).toBe(expected);
});

test('a place that is out of sight comes to the edge, and one in sight moves nothing', () => {
  const view = { x: 0, y: 0, scale: 1 };
  expect(reveal(view, size, 60, -30, 10)).toEqual(view);
  const moved = reveal(view, size, 500, 0, 10);
  expect(project(moved, size, 500, 0)).toEqual([190, 50]);
  expect(moved.y).toBe(0);
});

test('a point has its colour, the rest is ground, and what is not looked at is pale', () => {
  const view = fit(points, size);
  const look = {
    colours: [
      [255, 0, 0],
      [0, 0, 255],
    ] as [number, number, number][],
    ground: [16, 32, 48] as [number, number, number],
    radius: 2,
  };
  const pixel = (only: number | null, at: number) => {
    const pixels = new Uint8ClampedArray(200 * 100 * 4);
    draw(pixels, size, points, view, { ...look, only });
    const [x, y] = project(view, size, points.x[at] ?? 0, points.y[at] ?? 0).map(Math.round);
    const byte = ((y ?? 0) * 200 + (x ?? 0)) * 4;
    return { point: [...pixels.slice(byte, byte + 4)], corner: [...pixels.slice(0, 4)] };
  };
  const seen = pixel(null, 0);
  expect(seen.corner).toEqual([16, 32, 48, 255]);
  expect(seen.point[0]).toBeGreaterThan(200);
  expect(seen.point[3]).toBe(255);
  expect(pixel(null, 2).point[2]).toBeGreaterThan(200);
  expect(pixel(1, 0).point[0]).toBeLessThan(80);
});

test.each([
  ['#1f5fbf', [31, 95, 191]],
  [' #fff', [255, 255, 255]],
  ['#08c', [0, 136, 204]],
  ['', [0, 0, 0]],
])('the colour %j', (hex, expected) => {
  expect(colour(hex)).toEqual(expected);
});
