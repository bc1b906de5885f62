// The points of the map by keys alone, and where the focus goes.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import type { Question } from '../backend/backend';
import { plane } from '../backend/fake/collections';
import { eventually, expectAccessible, openWindow } from '../test.window';
import './VectorsScreen.svelte';

test('arrow keys go from point to point and say which, and Enter looks for the neighbours of one', async () => {
  const asked: Question[] = [];
  const corners = {
    ...plane(3, 'directions', null),
    ids: ['left', 'middle', 'right'],
    x: [-900, 0, 900],
    y: [0, 0, 0],
  };
  const { backend, user } = openWindow('#/vectors', 'working', { collectionPlane: async () => corners });
  const { queryCollection } = backend;
  backend.queryCollection = (question) => {
    asked.push(question);
    return queryCollection(question);
  };
  const map = await screen.findByRole('application', { name: /^Map of 3 points\. Arrow keys go from point to point/ });
  map.focus();
  await user.keyboard('{Enter}');
  const said = () => map.parentElement?.querySelector('[role=status]')?.textContent;
  for (const [keys, expected] of [
    ['{ArrowDown}', 'middle'],
    ['{ArrowRight}', 'right'],
    ['{ArrowRight}', 'right'],
    ['{ArrowLeft}{ArrowLeft}', 'left'],
    ['{Shift>}{ArrowRight}{/Shift}{Control>}{ArrowRight}{/Control}', 'left'],
  ] as const) {
    await user.keyboard(keys);
    expect(said(), keys).toMatch(new RegExp(`^${expected}`));
  }
  expect(asked).toEqual([]);
  await user.keyboard('{Enter}');
  await eventually(() => expect(asked.map(({ sought }) => sought)).toEqual([{ by: 'point', id: 'left' }]));
  expect(document.activeElement).toBe(map);
  await expectAccessible();
});

test('who deletes a collection stands on its neighbour in the list', async () => {
  const { user } = openWindow('#/vectors');
  await user.click(await screen.findByRole('button', { name: /^handbook/ }));
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  const dialog = screen.getByRole('dialog', { name: 'Delete handbook?' });
  await user.click(within(dialog).getByRole('button', { name: 'Delete' }));
  const neighbour = () => screen.getByRole('button', { name: /^tickets/ });
  await eventually(() => expect(document.activeElement).toBe(neighbour()));
  expect(neighbour().getAttribute('aria-current')).toBe('true');
  expect(screen.queryByRole('button', { name: /^handbook/ })).toBeNull();
});
