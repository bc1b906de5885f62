// Every page of the gallery in every state it shows at once, and that no component goes without a page or a test.

import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { beforeEach, expect, test } from 'vitest';

import { expectAccessible } from '../test.accessible';
import Gallery from './Gallery.svelte';
import { look } from './look.svelte';
import { pages } from './pages';

const names = (files: object) => Object.keys(files).map((path) => path.replace(/.*\/|\.svelte$/g, ''));
const components = names(import.meta.glob('../components/*.svelte'));
const tests: Record<string, string> = import.meta.glob('../components/*.test.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

beforeEach(() => Object.assign(document.documentElement.dataset, { theme: 'light', contrast: 'plain' }));

const open = (hash: string) => {
  location.hash = hash;
  return render(Gallery);
};

test('every component has a page and a test', () => {
  expect(components.filter((name) => !(name in pages))).toEqual([]);
  const tested = Object.values(tests).join('\n');
  expect(components.filter((name) => !tested.includes(`from './${name}.svelte'`))).toEqual([]);
});

test.each(Object.keys(pages))('the page of %s', async (name) => {
  open(`#/${name}`);
  expect(screen.getByRole('heading', { level: 1, name })).toBeTruthy();
  const nav = screen.getByRole('navigation', { name: 'Pages' });
  expect(within(nav).getByRole('link', { current: 'page' }).textContent).toBe(name);
  expect(screen.getByRole('main').querySelectorAll('section').length).toBeGreaterThan(1);
  await expectAccessible();
});

test('what is looked at and how is in the address', async () => {
  const user = userEvent.setup();
  open('#/Bar');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Palette' }), 'Dark, more contrast');
  window.dispatchEvent(new HashChangeEvent('hashchange'));
  await user.selectOptions(screen.getByRole('combobox', { name: 'Width' }), '360 px');
  window.dispatchEvent(new HashChangeEvent('hashchange'));
  await tick();
  const { theme, contrast } = document.documentElement.dataset;
  expect([theme, contrast, look.width]).toEqual(['dark', 'more', 'narrow']);
  expect(screen.getByRole('link', { name: 'Tabs' }).getAttribute('href')).toBe('#/Tabs?palette=dark+more&width=narrow');
});

test('an address that names nothing leads to the tokens', () => {
  open('#/Nothing?palette=pink&width=wide');
  expect([look.page, look.palette, look.width]).toEqual(['Tokens', 'light', 'full']);
});

test.each(['light', 'dark', 'light more', 'dark more'])(
  'the contrasts in the palette %s are shown, none too weak',
  (palette) => {
    open(`#/Tokens?${new URLSearchParams({ palette })}`);
    const table = screen.getByRole('region', { name: 'Table of contrasts' });
    const figures = [...table.querySelectorAll('td:last-child')].map((each) => each.textContent);
    expect(figures.length).toBeGreaterThan(40);
    for (const figure of figures) expect(figure).toMatch(/^\d+\.\d\d$/);
  },
);
