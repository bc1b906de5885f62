// Contrast of every pair of colours that meet, in all palettes: WCAG 2.2 AA, and AAA for text where more is asked for. And
// that nothing but tokens.css says what a colour, a size of type, a corner or a duration is.

import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { contrast } from './contrast';
import { colours, EDGES, least, MARKS, measures, PALETTES, TEXTS } from './tokens';

// From the folder that the tests run in.
const css = readFileSync('src/styles/tokens.css', 'utf8');

test.each(PALETTES)('contrast in the palette: %s', (palette) => {
  const shown = colours(css, palette);
  const weak = (pairs: [string, string[]][], wanted: number) =>
    pairs.flatMap(([front, backs]) =>
      backs
        .map((back) => ({ pair: `${front} on ${back}`, is: contrast(shown[front] ?? '', shown[back] ?? '') }))
        .filter(({ is }) => !(is >= wanted)),
    );
  const { text, mark, edge } = least(palette);
  expect(weak(TEXTS, text)).toEqual([]);
  expect(weak(MARKS, mark)).toEqual([]);
  expect(weak(EDGES, edge)).toEqual([]);
});

test('every palette has every colour, and no other', () => {
  const names = Object.keys(colours(css, 'light')).sort();
  for (const palette of PALETTES) expect(Object.keys(colours(css, palette)).sort()).toEqual(names);
});

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(svelte|css|ts)$/.test(path) && path !== 'styles/tokens.css')
  .map((path) => ({ path, text: readFileSync(`src/${path}`, 'utf8') }));

/** The style of a component, or a whole style sheet, without its remarks. */
const rules = ({ path, text }: (typeof files)[number]) =>
  (path.endsWith('.css') ? text : (text.match(/<style>([^]*)<\/style>/)?.[1] ?? '')).replace(/\/\*[^]*?\*\//g, '');

test.each([
  ['a colour', /#[0-9a-f]{3,8}\b|\b(rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)\(/i],
  ['a colour by its name', /:[^;{]*\b(black|white|gr[ae]y|red|green|blue|orange|yellow|purple)\b[^;{]*;/],
  ['a size of type', /\bfont(-size)?:[^;/]*\d(px|pt|rem)/],
  ['a corner', /\bborder(-\w+)*-radius:[^;]*\d(px|rem)/],
  ['a shadow that lifts', /\bbox-shadow:(?! *(inset|none|var))/],
  ['a duration', /\b(?!0m?s)[\d.]+m?s\b/],
])('%s comes from tokens.css', (_, raw) => {
  const found = files.flatMap((file) =>
    rules(file)
      .split('\n')
      .filter((line) => raw.test(line))
      .map((line) => `${file.path}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

test('every token that is used is there, and every one that is there is used', () => {
  const known = [...Object.keys(measures(css)), ...Object.keys(colours(css, 'light'))];
  const text = files
    .filter(({ path }) => !/^gallery|\.test\.ts$|tokens\.ts$|\.gen\.ts$/.test(path))
    .map((file) => file.text)
    .join('\n');
  const used = new Set(
    [...text.matchAll(/var\(--([\w-]+)\)|token\('(?:--)?([\w-]+)'\)/g)].map((each) => each[1] ?? each[2]),
  );
  const own = new Set([...text.matchAll(/(?:style:)?--([\w-]+)[:=]/g)].map(([, name]) => name));
  expect([...used].filter((name) => !known.includes(name ?? '') && !own.has(name))).toEqual([]);
  // Those of groups are counted out: `--group-${at}`.
  expect(known.filter((name) => !used.has(name) && !name.startsWith('group-'))).toEqual([]);
});
