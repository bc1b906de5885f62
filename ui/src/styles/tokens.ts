// What tokens.css says, as data: for the tests and the gallery.

export type Tokens = Record<string, string>;
export type Palette = 'light' | 'dark' | 'light more' | 'dark more';

export const PALETTES: Palette[] = ['light', 'dark', 'light more', 'dark more'];

const SURFACES = ['surface', 'panel', 'inset', 'hover', 'selected'];

/** Texts and the grounds they stand on. */
export const TEXTS: [string, string[]][] = [
  ['text', [...SURFACES, 'good-soft', 'bad-soft', 'mark-good', 'mark-bad']],
  ['text-soft', SURFACES],
  ['text-faint', ['surface', 'panel', 'inset']],
  ['accent', ['surface', 'panel', 'inset', 'selected']],
  ['on-accent', ['accent', 'accent-strong']],
  ['good', ['surface', 'panel', 'good-soft']],
  ['bad', ['surface', 'panel', 'bad-soft']],
  ['warn', ['surface', 'panel', 'inset']],
];

/** Edges and signs that carry meaning without words. */
export const MARKS: [string, string[]][] = [
  ['control', ['surface', 'panel']],
  ['focus', ['surface', 'panel']],
  ...['accent', 'good', 'warn'].map((share): [string, string[]] => [share, ['track']]),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((group): [string, string[]] => [`group-${group}`, ['panel']]),
];

/** Edges of controls that have words as well. */
export const EDGES: [string, string[]][] = [['line-strong', ['surface', 'panel', 'inset']]];

/** The least contrast that a palette must have. An edge of a control with words counts where more is asked for. */
export function least(palette: Palette): { text: number; mark: number; edge: number } {
  return palette.endsWith('more') ? { text: 7, mark: 4.5, edge: 4.5 } : { text: 4.5, mark: 3, edge: 1 };
}

/** The custom properties of the block with this selector, without their dashes. */
export function block(css: string, selector: string): Tokens {
  const body = css.slice(css.indexOf(`\n${selector} {`)).match(/\{([^}]*)\}/)?.[1] ?? '';
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]));
}

/** The colours of a palette: those of its theme, and over them what more contrast changes. */
export function colours(css: string, palette: Palette): Tokens {
  const [theme, more] = palette.split(' ');
  const plain = block(css, `:root[data-theme='${theme}']`);
  return more ? { ...plain, ...block(css, `:root[data-theme='${theme}'][data-contrast='more']`) } : plain;
}

/** What is the same in every palette: type, space, corners, motion. */
export const measures = (css: string) => block(css, ':root');
