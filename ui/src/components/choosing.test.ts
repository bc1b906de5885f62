import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';

import { expectAccessible } from '../test.accessible';
import Segments from './Segments.svelte';
import Tabs from './Tabs.svelte';

const tabs = [
  { id: 'explore', title: 'Explore' },
  { id: 'index', title: 'Index', note: '3' },
  { id: 'compare', title: 'Compare' },
];

test('tabs are one stop, arrows go round them, and each names its panel', async () => {
  const user = userEvent.setup();
  render(Tabs, { label: 'Collection', tabs, chosen: 'index', panel: 'below' });
  const chosen = () => screen.getByRole('tab', { selected: true });
  await user.tab();
  expect(document.activeElement).toBe(chosen());
  expect([chosen().textContent?.trim(), chosen().getAttribute('aria-controls')]).toEqual(['Index 3', 'below']);
  await user.keyboard('{ArrowRight}{ArrowRight}');
  expect([chosen().textContent?.trim(), document.activeElement]).toEqual(['Explore', chosen()]);
  await user.keyboard('{ArrowLeft}');
  expect(chosen().textContent?.trim()).toBe('Compare');
  await user.tab();
  expect(document.activeElement).toBe(document.body);
});

test('of segments one is chosen, by a click or by arrows', async () => {
  const user = userEvent.setup();
  const asked: string[] = [];
  render(Segments, { name: 'Shown', options: tabs, chosen: 'index', onchoose: (id: string) => asked.push(id) });
  expect(screen.getByRole('group', { name: 'Shown' })).toBeTruthy();
  expect(screen.getByRole('radio', { checked: true })).toBe(screen.getByRole('radio', { name: 'Index' }));
  await user.click(screen.getByText('Compare'));
  await user.keyboard('{ArrowLeft}');
  expect(asked).toEqual(['compare', 'index']);
  await expectAccessible();
});

test('two rows of segments do not take from each other', async () => {
  const user = userEvent.setup();
  for (const name of ['One', 'Other']) render(Segments, { name, options: tabs, chosen: 'index', onchoose: () => {} });
  await user.click(screen.getAllByText('Compare')[0] as HTMLElement);
  const checked = screen.getAllByRole<HTMLInputElement>('radio', { checked: true });
  expect(checked.map((each) => each.value)).toEqual(['compare', 'index']);
});
