import type { CompiledMessage } from 'icu-minify/format';
import { expect, test } from 'vitest';

import type { English } from './en';
import { decimal, joined, listed, pick, t, type Key } from './language';
import { pseudo } from './pseudo';

// Every part, though no screen is open.
const parts = import.meta.glob<Record<string, object>>('./en/*.ts', { eager: true });
const en = Object.assign({}, ...Object.values(parts).flatMap((part) => Object.values(part))) as English;

const sources = import.meta.glob<string>(['../**/*.{ts,svelte}', '!../**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** The messages that a source names: `shell.screen.${screen}` are those of all screens. */
function saidIn(source: string): string[] {
  const names = [...source.matchAll(/['"`](\w+(?:\.[\w${}.]+)+)['"`]/g)].map(
    ([, name = '']) => new RegExp(`^${name.replaceAll('.', '\\.').replace(/\$\{.*?\}/g, '\\w+')}$`),
  );
  return Object.keys(en).filter((key) => names.some((name) => name.test(key)));
}

test('each message is said somewhere', () => {
  const screens = Object.entries(sources).filter(([path]) => !path.startsWith('./'));
  const said = new Set(screens.flatMap(([, source]) => saidIn(source)));
  expect(Object.keys(en).filter((key) => !said.has(key))).toEqual([]);
});

test('what a folder says is there from the start, or its screen takes it in before all else', () => {
  const partOf = new Map(
    Object.values(parts).flatMap((part) =>
      Object.entries(part).flatMap(([name, messages]) => Object.keys(messages).map((key) => [key, name] as const)),
    ),
  );
  const taken = (source: string) => [...source.matchAll(/^ *import '[\w./]+\/en\/(\w+)';$/gm)].map(([, name]) => name);
  const start = taken(sources['./language.ts'] ?? '');
  expect(start).toEqual(['components', 'plan', 'shell', 'units']);
  // The scripted backend says nothing: `service.name` is what OpenTelemetry calls it.
  const paths = Object.keys(sources).filter((path) => /^\.\.\/(?!backend)\w+\//.test(path));
  const folders = new Set(paths.map((path) => path.split('/')[1]));
  expect(folders.size).toBeGreaterThan(8);
  for (const folder of folders) {
    const files = paths.filter((path) => path.startsWith(`../${folder}/`));
    const said = new Set(files.flatMap((path) => saidIn(sources[path] ?? '').map((key) => partOf.get(key))));
    const screen = sources[files.find((path) => path.endsWith('Screen.svelte')) ?? ''] ?? '';
    const [before = ''] = screen.split(/^ *import [^']/m, 1);
    expect(taken(before).toSorted(), folder).toEqual([...said].filter((name) => !start.includes(name)).toSorted());
  }
});

test.each([
  [0, '0 findings to mend', '0 older are not listed.', '0 points are still compared one by one.'],
  [1, '1 finding to mend', '1 older is not listed.', '1 point is still compared one by one.'],
  [2, '2 findings to mend', '2 older are not listed.', '2 points are still compared one by one.'],
  [1200, '1,200 findings to mend', '1,200 older are not listed.', '1,200 points are still compared one by one.'],
])('%i in a plural', (count, ...said) => {
  const findings = t('settings.doctor.mend', { findings: count });
  expect([findings, t('traces.older', { traces: count }), t('index.behind', { points: count })]).toEqual(said);
});

test('every plural has its number, or says it in words, and two words for one and many', () => {
  const plurals = Object.entries(sources).flatMap(([path, source]) =>
    path.startsWith('./en/') ? [...source.matchAll(/\{\w+, plural, (?:one|=1) \{(.*?)\} other \{(.*?)\}\}/g)] : [],
  );
  expect(plurals.length).toBeGreaterThan(50);
  for (const [message, one, other] of plurals) expect(one, message).not.toBe(other);
  expect(
    Object.values(sources)
      .join('')
      .match(/, plural, /g),
  ).toHaveLength(plurals.length);
});

test('numbers and lists are written as the language writes them', () => {
  expect(t('components.part', { done: 999, all: 12_345 })).toBe('999 of 12,345');
  expect(decimal(1234.567, 2)).toBe('1,234.57');
  expect(decimal(2, 1)).toBe('2.0');
  expect(listed(['a', 'b', 'c'])).toBe('a, b, c');
  expect(joined(['a', 'b', 'c'])).toBe('a, b and c');
});

test('what a message does not have, or lacks, does not type-check', () => {
  // @ts-expect-error (no such message)
  expect(() => t('plan.nonsense')).toThrow();
  // @ts-expect-error (an argument is missing)
  expect(() => t('components.part', { done: 1 })).toThrow();
  // @ts-expect-error (a number is wanted)
  expect(() => t('components.part', { done: '1', all: 2 })).toThrow();
  // @ts-expect-error (it takes nothing)
  expect(t('plan.title', { done: 1 })).toBe('Plan');
});

test.each([
  [null, ['de-CH', 'en-US'], 'en'],
  [null, ['fr'], 'en'],
  [null, [], 'en'],
  ['en-XA', ['de'], 'en-XA'],
  ['xx', ['en-XA'], 'en'],
  ['toString', [], 'en'],
] as const)('remembered %s, wanted %j: %s', (remembered, wanted, language) => {
  expect(pick(remembered, wanted)).toBe(language);
});

test('the page says its language', () => {
  expect(document.documentElement.lang).toBe('en');
});

const compiled = (key: Key) => en[key] as CompiledMessage;

test('the pseudo-locale changes letters, and neither arguments nor what chooses between them', () => {
  expect(pseudo('Find')).toEqual(['⟦', 'Ƒîñđ', ' ·', '⟧']);
  expect(pseudo(compiled('settings.doctor.mend'))).toEqual([
    '⟦',
    ['findings', 2, { one: [0, ' ƒîñđîñĝ'], other: [0, ' ƒîñđîñĝš'] }],
    ' ţö ɱéñđ',
    ' · · ·',
    '⟧',
  ]);
  expect(pseudo([['link', 'Settings'], ' shows ', ['n', 4, { minimumFractionDigits: 2 }]])).toEqual([
    '⟦',
    ['link', 'Šéţţîñĝš'],
    ' šĥöŵš ',
    ['n', 4, { minimumFractionDigits: 2 }],
    ' · · ·',
    '⟧',
  ]);
});

test('no message keeps a plain letter, and each is a third longer', () => {
  for (const key of Object.keys(en) as Key[]) {
    const texts: string[] = [];
    const look = (piece: unknown, text = true): void => {
      if (typeof piece === 'string' && text) texts.push(piece);
      else if (Array.isArray(piece)) piece.forEach((each, at) => look(each, at > 0 || !isArgument(piece)));
      else if (typeof piece === 'object' && piece !== null && 'other' in piece)
        Object.values(piece).forEach((each) => look(each));
    };
    look(pseudo(compiled(key)));
    expect(texts.join(''), key).not.toMatch(/[a-z]/i);
    expect(texts[0]).toBe('⟦');
    expect(texts.at(-1)).toBe('⟧');
  }
});

/** `["name", …]`, and not a list of texts around arguments. */
const isArgument = (piece: unknown[]) => typeof piece[0] === 'string' && /^\w+$/.test(piece[0]);
