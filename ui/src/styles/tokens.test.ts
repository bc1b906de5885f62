// Contrast of every pair of colours that meet, in both themes and with more contrast asked for: WCAG 2.2 AA.

import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

// From the folder that the tests run in.
const css = readFileSync('src/styles/tokens.css', 'utf8');

/** The custom properties of the last block with this selector inside `source`. */
function block(source: string, selector: string): Record<string, string> {
  const body = source.slice(source.lastIndexOf(`${selector} {`)).match(/\{([^}]*)\}/)?.[1] ?? '';
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const surfaces = ['surface', 'panel', 'inset', 'hover', 'selected'];
const text: [string, string[]][] = [
  ['text', [...surfaces, 'good-soft', 'bad-soft', 'mark-good', 'mark-bad']],
  ['text-soft', surfaces],
  ['text-faint', ['surface', 'panel', 'inset']],
  ['accent', ['surface', 'panel', 'selected']],
  ['on-accent', ['accent', 'accent-strong']],
  ['good', ['surface', 'panel', 'good-soft']],
  ['bad', ['surface', 'panel', 'bad-soft']],
  ['warn', ['surface', 'panel', 'inset']],
];
/** Edges and signs that carry meaning without words. */
const marks: [string, string[]][] = [
  ['control', ['surface', 'panel']],
  ['focus', ['surface', 'panel']],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((group): [string, string[]] => [`group-${group}`, ['panel']]),
];

const plain = css.slice(0, css.indexOf('@media'));
const more = css.slice(css.indexOf('@media (prefers-contrast'));

test.each([
  ['light', {}],
  ['dark', {}],
  ['light', block(more, ":root[data-theme='light']")],
  ['dark', block(more, ":root[data-theme='dark']")],
])('%s theme, %o', (theme, over) => {
  const colours: Record<string, string> = { ...block(plain, `:root[data-theme='${theme}']`), ...over };
  const weak = (pairs: [string, string[]][], least: number) =>
    pairs.flatMap(([front, backs]) =>
      backs
        .map((back) => ({ pair: `${front} on ${back}`, is: contrast(colours[front] ?? '', colours[back] ?? '') }))
        .filter(({ is }) => !(is >= least)),
    );
  expect(weak(text, 4.5)).toEqual([]);
  expect(weak(marks, 3)).toEqual([]);
});
