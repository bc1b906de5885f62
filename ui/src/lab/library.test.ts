// What the library has about a lab, at the end of its guide.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { fake } from '../backend/fake';
import { expectAccessible, openWindow } from '../test.window';

const LAB = '#/lab/orientation';
const guide = () => within(screen.getByRole('region', { name: 'Guide' }));
const library = () => guide().queryByRole('region', { name: 'From the library' });

test('the last page of a guide ends with what the library has about the lab', async () => {
  const { user } = openWindow(LAB);
  await screen.findByText('Step 3 of 4');
  expect(library()).toBeNull();
  await user.click(guide().getByRole('button', { name: 'Next step' }));
  await screen.findByText('Step 4 of 4');
  const section = within(library() as HTMLElement);
  expect(section.getByText(/whether somebody has opened its address since/)).toBeTruthy();
  // Of the two in the library, the other is about another lab.
  const titles = section.getAllByRole('heading', { level: 4 }).map((each) => each.textContent);
  expect(titles).toEqual(['FastAPI: Tutorial, User Guide']);
  const facts = 'documentation · FastAPI · foundation · 8 h · free; MIT · known 2026-02, not checked';
  expect(section.getByText(facts)).toBeTruthy();
  expect(section.getByText('Path operations, bodies and dependencies.')).toBeTruthy();
  expect(section.getByText('Leave out: The SQL chapters.')).toBeTruthy();
  // The window opens no address.
  expect(section.queryByRole('link')).toBeNull();
  await user.click(section.getByRole('button', { name: 'Copy the address of FastAPI: Tutorial, User Guide' }));
  expect(await navigator.clipboard.readText()).toBe('https://fastapi.tiangolo.com/tutorial/');
  await expectAccessible();
});

test('a lab that the library has nothing about has no such section', async () => {
  const base = fake(new URLSearchParams({ pace: '0' }));
  const { user } = openWindow(LAB, 'working', { lab: async (slug) => ({ ...(await base.lab(slug)), resources: [] }) });
  await screen.findByText('Step 3 of 4');
  await user.click(guide().getByRole('button', { name: 'Next step' }));
  await screen.findByText('Step 4 of 4');
  expect(library()).toBeNull();
});
