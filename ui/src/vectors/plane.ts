// Points on a plane as pixels: drawn by hand into one image, because fifty thousand shapes of a canvas would not move
// smoothly where there is no graphics card. Knows nothing of the page.

/** What is looked at: the place in the middle, and pixels for each unit of the plane. */
export interface View {
  x: number;
  y: number;
  scale: number;
}

export interface Points {
  x: Float32Array;
  y: Float32Array;
  /** The number of each point's colour. */
  group: Uint8Array;
}

export interface Size {
  width: number;
  height: number;
}

export type Colour = [red: number, green: number, blue: number];

/** Pixels for a unit of the plane, which is 20,000 of them wide, at most and at least. */
const CLOSEST = 100;
const FURTHEST = 0.002;

/** `#1f5fbf`, or `#fff`, which is what a build makes of `#ffffff`. */
export function colour(hex: string): Colour {
  const digits = hex.trim().replace('#', '');
  const each = digits.length / 3;
  const part = (at: number) => parseInt(digits.slice(at * each, (at + 1) * each).padStart(2, digits[at]), 16) || 0;
  return [part(0), part(1), part(2)];
}

/** The view that shows all points, with a margin. */
export function fit(points: Points, { width, height }: Size): View {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < points.x.length; at++) {
    const [x = 0, y = 0] = [points.x[at], points.y[at]];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (left > right) return { x: 0, y: 0, scale: 1 };
  const widest = Math.max(right - left, 1);
  const highest = Math.max(bottom - top, 1);
  return {
    x: (left + right) / 2,
    y: (top + bottom) / 2,
    scale: Math.min((0.92 * width) / widest, (0.92 * height) / highest, CLOSEST),
  };
}

/** Where a place of the plane is on the picture. */
export function project(view: View, { width, height }: Size, x: number, y: number): [number, number] {
  return [width / 2 + (x - view.x) * view.scale, height / 2 + (y - view.y) * view.scale];
}

/** The view after the picture was scaled around one of its pixels. */
export function zoom(view: View, { width, height }: Size, at: [number, number], by: number): View {
  const scale = Math.min(Math.max(view.scale * by, FURTHEST), CLOSEST);
  const [x, y] = [at[0] - width / 2, at[1] - height / 2];
  return { x: view.x + x / view.scale - x / scale, y: view.y + y / view.scale - y / scale, scale };
}

/** The nearest point within so many pixels, or -1; `only` of one group, where that is a number. */
export function pick(
  points: Points,
  view: View,
  size: Size,
  at: [number, number],
  within: number,
  only: number | null = null,
): number {
  let [best, nearest] = [-1, within * within];
  for (let point = 0; point < points.x.length; point++) {
    if (only !== null && points.group[point] !== only) continue;
    const x = size.width / 2 + ((points.x[point] ?? 0) - view.x) * view.scale - at[0];
    const y = size.height / 2 + ((points.y[point] ?? 0) - view.y) * view.scale - at[1];
    const squared = x * x + y * y;
    if (squared <= nearest) [best, nearest] = [point, squared];
  }
  return best;
}

/**
 * The point nearest to a place of the plane, of those that lie in a direction from it, or -1. A direction, a step of one along
 * an axis, takes the quarter of the plane around it.
 */
export function towards(
  points: Points,
  [fromX, fromY]: [number, number],
  [stepX, stepY]: [number, number],
  only: number | null,
): number {
  let [best, nearest] = [-1, Infinity];
  for (let point = 0; point < points.x.length; point++) {
    if (only !== null && points.group[point] !== only) continue;
    const [x, y] = [(points.x[point] ?? 0) - fromX, (points.y[point] ?? 0) - fromY];
    const [along, aside] = [x * stepX + y * stepY, Math.abs(x * stepY - y * stepX)];
    const squared = x * x + y * y;
    if (along > 0 && aside <= along && squared < nearest) [best, nearest] = [point, squared];
  }
  return best;
}

/** The view moved no further than it takes to have a place of the plane in sight, `margin` pixels from the edge. */
export function reveal(view: View, size: Size, x: number, y: number, margin: number): View {
  const [left, top] = project(view, size, x, y);
  const inside = (at: number, end: number) => Math.max(margin, Math.min(at, end - margin));
  return {
    ...view,
    x: view.x + (left - inside(left, size.width)) / view.scale,
    y: view.y + (top - inside(top, size.height)) / view.scale,
  };
}

/** The pixels of a disc around its middle, and how much of each it covers, 0 to 256. */
function disc(radius: number): { x: number; y: number; cover: number }[] {
  const reach = Math.ceil(radius);
  const pixels = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const cover = Math.round(256 * Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x, y))));
      if (cover > 0) pixels.push({ x, y, cover });
    }
  }
  return pixels;
}

/** Draws every point over the ground. `only` leaves one group in full and pales the others. */
export function draw(
  pixels: Uint8ClampedArray,
  size: Size,
  points: Points,
  view: View,
  look: { colours: Colour[]; ground: Colour; radius: number; only: number | null },
): void {
  const { width, height } = size;
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4);
  const [red, green, blue] = look.ground;
  words.fill(0xff000000 | (blue << 16) | (green << 8) | red);

  const stamp = disc(look.radius);
  const reach = Math.ceil(look.radius);
  const strength = look.colours.map((_, group) => (look.only === null || look.only === group ? 0.85 : 0.15));
  const [middleX, middleY] = [width / 2, height / 2];
  for (let at = 0; at < points.x.length; at++) {
    const x = Math.round(middleX + ((points.x[at] ?? 0) - view.x) * view.scale);
    const y = Math.round(middleY + ((points.y[at] ?? 0) - view.y) * view.scale);
    if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
    const group = points.group[at] ?? 0;
    const [r, g, b] = look.colours[group] ?? [0, 0, 0];
    const alpha = strength[group] ?? 1;
    for (const { x: dx, y: dy, cover } of stamp) {
      const byte = ((y + dy) * width + x + dx) * 4;
      const share = (cover * alpha) / 256;
      pixels[byte] = (pixels[byte] ?? 0) + (r - (pixels[byte] ?? 0)) * share;
      pixels[byte + 1] = (pixels[byte + 1] ?? 0) + (g - (pixels[byte + 1] ?? 0)) * share;
      pixels[byte + 2] = (pixels[byte + 2] ?? 0) + (b - (pixels[byte + 2] ?? 0)) * share;
    }
  }
}
