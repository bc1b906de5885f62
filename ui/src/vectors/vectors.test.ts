import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import type { Compare, Question } from '../backend/backend';
import { isWhole } from '../components/path';
import { eventually, expectAccessible, openWindow } from '../test.window';
import { conditions } from './vectors.svelte';

const results = async () => within(await screen.findByRole('region', { name: 'Question' })).getAllByRole('listitem');

test('the screen lists collections with size and health, and opens the first', async () => {
  openWindow('#/vectors');
  const list = (await screen.findByRole('button', { name: /^tickets/ })).textContent;
  expect(list).toContain('52,000 points');
  expect(list).toContain('1,200 not indexed yet');
  expect(await screen.findByRole('heading', { name: 'handbook' })).toBeTruthy();
  expect(screen.getByText(/300 points of 384 numbers · cosine ·\s+all-minilm-l6-v2 · 1\.2 MB/)).toBeTruthy();
  expect(await screen.findByText(/hold 21% and 8\.7% of the variance/)).toBeTruthy();
  expect(screen.getByRole('application', { name: /^Map of 300 points/ })).toBeTruthy();
  await expectAccessible();
});

test('without a collection the screen says what one is and makes it', async () => {
  const { user } = openWindow('#/vectors', 'fresh');
  await user.click(await screen.findByRole('button', { name: 'New collection' }));
  await expectAccessible();
  await user.type(screen.getByRole('textbox', { name: 'Name' }), 'notes');
  await user.type(screen.getByRole('textbox', { name: /^Folder/ }), '/nowhere');
  await user.click(screen.getByRole('button', { name: 'Take documents in' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Name a folder or a file that is there.');
  await user.clear(screen.getByRole('textbox', { name: /^Folder/ }));
  await user.type(screen.getByRole('textbox', { name: /^Folder/ }), '/srv/notes');
  await user.click(screen.getByRole('button', { name: 'Take documents in' }));
  expect(await screen.findByRole('heading', { name: 'notes' })).toBeTruthy();
  await screen.findByRole('application', { name: /^Map of 300 points/ });
  expect(screen.getByText(/3 new, 0 changed/)).toBeTruthy();
  expect(screen.getByRole('region', { name: 'What the last run said' }).textContent).toContain('scan.pdf');
  await expectAccessible();
});

test('an empty collection for own code is made with its dimension, and a name that is taken is refused', async () => {
  const { user } = openWindow('#/vectors');
  await user.click(await screen.findByRole('button', { name: 'New' }));
  await user.type(screen.getByRole('textbox', { name: 'Name' }), 'handbook');
  await user.click(screen.getByRole('radio', { name: /by your own code/ }));
  await user.click(screen.getByRole('button', { name: 'Make it' }));
  expect((await screen.findByRole('alert')).textContent).toContain('choose another name');
  await user.type(screen.getByRole('textbox', { name: 'Name' }), '-2');
  await user.clear(screen.getByRole('spinbutton', { name: 'Numbers of a vector' }));
  await user.type(screen.getByRole('spinbutton', { name: 'Numbers of a vector' }), '8');
  await user.click(screen.getByRole('button', { name: 'Make it' }));
  expect(await screen.findByText(/0 points of 8 numbers/)).toBeTruthy();
  expect(screen.getByText(/Let your code upsert some/)).toBeTruthy();
  expect(screen.queryByRole('textbox', { name: 'Text to look for' })).toBeNull();
});

test('a question brings its results with scores and payloads, and each leads to its neighbours', async () => {
  const asked: Question[] = [];
  const { backend, user } = openWindow('#/vectors');
  const { queryCollection } = backend;
  backend.queryCollection = (question) => {
    asked.push(structuredClone(question));
    return queryCollection(question);
  };
  await user.type(await screen.findByRole('searchbox', { name: 'Text to look for' }), 'restore a backup');
  await user.click(screen.getByRole('radio', { name: 'Both' }));
  await user.type(screen.getByRole('textbox', { name: 'Filter' }), 'team=storage, year = 2024{Enter}');
  expect(await screen.findByText('10 results')).toBeTruthy();
  const first = (await results())[0] ?? document.body;
  for (const words of ['runbooks/restore-0.md', 'lines 4–19', '0.8123']) expect(first.textContent).toContain(words);
  await expectAccessible();
  await user.click(within(first).getByText('runbooks/restore-0.md'));
  await user.click(within(first).getByRole('button', { name: 'Its neighbours' }));
  expect(await screen.findByText('The point and its neighbours')).toBeTruthy();
  expect(asked.map(({ sought }) => sought)).toEqual([
    { by: 'both', text: 'restore a backup' },
    { by: 'point', id: 'storage-0' },
  ]);
  expect(asked[0]).toMatchObject({
    collection: 'handbook',
    namespace: '',
    limit: 10,
    conditions: [
      ['team', 'storage'],
      ['year', '2024'],
    ],
  });
});

test('a filter that is not written as field=value says so and asks nothing', async () => {
  const { user } = openWindow('#/vectors');
  await user.type(await screen.findByRole('searchbox', { name: 'Text to look for' }), 'x');
  await user.type(screen.getByRole('textbox', { name: 'Filter' }), 'team');
  expect((await screen.findByRole('alert')).textContent).toContain('field=value');
  expect(screen.getByRole('button', { name: 'Ask' })).toHaveProperty('disabled', true);
  await expectAccessible();
});

test.each([
  ['', []],
  ['a=b', [['a', 'b']]],
  [
    ' a = b=c , d=',
    [
      ['a', 'b=c'],
      ['d', ''],
    ],
  ],
  ['a', null],
  ['=b', null],
])('the filter %j', (text, expected) => {
  expect(conditions(text)).toEqual(expected);
});

test('points are coloured by a field, and a colour can be looked at alone', async () => {
  const { user } = openWindow('#/vectors');
  await user.selectOptions(await screen.findByRole('combobox', { name: 'Colour' }), 'team');
  const storage = await screen.findByRole('button', { name: 'storage 75' });
  await user.click(storage);
  expect(storage.getAttribute('aria-pressed')).toBe('true');
  await expectAccessible();
});

test('neighbours are laid out as a task, and the layout comes when it has ended', async () => {
  const { user } = openWindow('#/vectors');
  await user.click(await screen.findByRole('button', { name: 'Neighbours' }));
  await user.click(await screen.findByRole('button', { name: 'Lay out neighbours' }));
  expect(await screen.findByText(/distances between groups mean little/)).toBeTruthy();
});

test('the curve is measured and shown as a picture and a table', async () => {
  const { user } = openWindow('#/vectors');
  await user.click(await screen.findByRole('tab', { name: 'Index' }));
  await user.click(screen.getByRole('button', { name: 'Measure' }));
  const table = await screen.findByRole('table');
  expect(within(table).getByRole('row', { name: /64, as set/ }).textContent).toContain('0.981');
  expect(within(table).getByRole('row', { name: /every vector/ }).textContent).toContain('11');
  await expectAccessible();
});

test('settings that need another index say so, and are applied with its building', async () => {
  const built: string[] = [];
  const { backend, user } = openWindow('#/vectors');
  const { rebuildCollection } = backend;
  backend.rebuildCollection = (name) => {
    built.push(name);
    return rebuildCollection(name);
  };
  await user.click(await screen.findByRole('tab', { name: 'Index' }));
  const set = async (name: RegExp, value: string) => {
    await user.clear(screen.getByRole('spinbutton', { name }));
    await user.type(screen.getByRole('spinbutton', { name }), value);
  };
  await set(/^Candidates of a search/, '128');
  await user.click(screen.getByRole('button', { name: 'Apply' }));
  await eventually(() => expect(screen.getByRole('button', { name: 'Apply' })).toHaveProperty('disabled', true));
  expect(built).toEqual([]);
  await set(/^Links of a point/, '1');
  expect(screen.getByRole('button', { name: 'Apply and build anew' })).toHaveProperty('disabled', true);
  await set(/^Links of a point/, '32');
  await user.click(screen.getByRole('button', { name: 'Apply and build anew' }));
  await eventually(() => expect(built).toEqual(['handbook']));
});

test('a collection goes only after it was asked', async () => {
  const { user } = openWindow('#/vectors');
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  const dialog = await screen.findByRole('dialog', { name: 'Delete handbook?' });
  expect(dialog.textContent).toContain('This cannot be undone');
  await user.click(within(dialog).getByRole('button', { name: 'Delete' }));
  await eventually(() => expect(screen.queryByRole('button', { name: /^handbook/ })).toBeNull());
  expect(await screen.findByRole('heading', { name: 'tickets' })).toBeTruthy();
});

test('foreign vectors lead to a collection of the local model, and the first stays', async () => {
  const { user } = openWindow('#/vectors');
  await user.click(await screen.findByRole('button', { name: /^tickets/ }));
  await user.click(await screen.findByRole('button', { name: 'Embed anew' }));
  await expectAccessible();
  expect(screen.getByRole('button', { name: 'Embed' })).toHaveProperty('disabled', true);
  await user.type(screen.getByRole('textbox', { name: 'Into the collection' }), 'tickets-local');
  await user.click(screen.getByRole('button', { name: 'Embed' }));
  expect(await screen.findByRole('button', { name: /^tickets-local/ })).toBeTruthy();
  expect(screen.getByRole('button', { name: /^tickets 52,000/ })).toBeTruthy();
});

test.each([
  ['/srv/notes', true],
  ['C:\\notes', true],
  ['\\\\server\\notes', true],
  [' /x ', true],
  ['notes', false],
  ['./notes', false],
  ['/', false],
  ['', false],
])('the path %j', (path, whole) => {
  expect(isWhole(path)).toBe(whole);
});

test('engines are compared with the filter and the weights that were set, and one is recommended', async () => {
  const asked: Compare[] = [];
  const { backend, user } = openWindow('#/vectors');
  const { compareCollection } = backend;
  backend.compareCollection = (compare) => {
    asked.push(structuredClone(compare));
    return compareCollection(compare);
  };
  await user.click(await screen.findByRole('tab', { name: 'Compare' }));
  await expectAccessible();
  await user.type(screen.getByRole('textbox', { name: 'Qdrant' }), 'http://127.0.0.1:6333');
  await user.type(await screen.findByRole('textbox', { name: /^File with their keys/ }), 'keys');
  expect(screen.getByRole('button', { name: 'Compare' })).toHaveProperty('disabled', true);
  await user.clear(screen.getByRole('textbox', { name: /^File with their keys/ }));
  await user.type(screen.getByRole('textbox', { name: 'Filter of every question' }), 'team=storage');
  await user.clear(screen.getByRole('spinbutton', { name: 'Latency' }));
  await user.type(screen.getByRole('spinbutton', { name: 'Latency' }), '2');
  await user.click(screen.getByRole('button', { name: 'Compare' }));
  expect(await screen.findByRole('heading', { name: 'Take Local index' })).toBeTruthy();
  expect(screen.getByText(/75 of them with team=storage/)).toBeTruthy();
  expect((await screen.findByRole('alert')).textContent).toContain('Start Qdrant there');
  expect(asked).toMatchObject([
    {
      collection: 'handbook',
      conditions: [['team', 'storage']],
      qdrant: 'http://127.0.0.1:6333',
      pinecone: null,
      keyFile: null,
    },
  ]);
  expect(asked[0]?.weights).toContainEqual(['latency', 2]);
  await expectAccessible();
});
