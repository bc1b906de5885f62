import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { eventually, expectAccessible, openWindow } from '../test.window';

test('the write-up is shown as a page and as Markdown, and exported', async () => {
  const { user } = openWindow('#/portfolio');
  await screen.findByRole('heading', { name: 'Orientation' });
  expect(screen.getAllByText('self-checked')).toHaveLength(3);
  await expectAccessible();
  await user.click(screen.getByRole('tab', { name: 'Markdown' }));
  expect(screen.getByText(/^# Portfolio/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Export Markdown' }));
  await eventually(() =>
    expect(screen.getByTestId('export-path').textContent).toBe('/home/ada/Groundwork/portfolio.md'),
  );
  await expectAccessible();
});

test('with nothing recorded it says how a record comes about', async () => {
  openWindow('#/portfolio', 'fresh');
  await screen.findByText(/Nothing is recorded yet/);
  expect(screen.getByRole('link', { name: "Open today's lab" }).getAttribute('href')).toBe('#/lab/orientation');
});
