import { screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, test } from 'vitest';

import { Refused, type Compare, type NewCollection, type Question } from '../backend/backend';
import { stands } from '../backend/fake/collections';
import { notices } from '../components/notices.svelte';
import { isWhole } from '../components/path';
import { eventually, expectAccessible, openWindow } from '../test.window';
import { conditions, vectors } from './vectors.svelte';

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

test('a collection that cannot be read is listed with why, and can be deleted', async () => {
  const problem = {
    code: 'retrieval.damaged',
    message: 'its file is damaged',
    nextStep: 'Delete it.',
    owner: 'learner' as const,
  };
  const { backend, user } = openWindow('#/vectors');
  const { collections, deleteCollection } = backend;
  let unreadable = [{ name: 'old', problem }];
  backend.collections = async () => ({ ...(await collections()), unreadable });
  backend.deleteCollection = (name) => {
    unreadable = unreadable.filter((each) => each.name !== name);
    return deleteCollection(name);
  };
  await user.click(await screen.findByRole('button', { name: 'old cannot be read' }));
  expect(screen.getByRole('heading', { name: 'old' })).toBeTruthy();
  expect((await screen.findByRole('alert')).textContent).toContain('Delete it.');
  expect(screen.getByRole('button', { name: /^handbook/ })).toBeTruthy();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Delete' }));
  const dialog = await screen.findByRole('dialog', { name: 'Delete old?' });
  await user.click(within(dialog).getByRole('button', { name: 'Delete' }));
  await eventually(() => expect(screen.queryByRole('button', { name: /^old/ })).toBeNull());
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

test('a server is compared in a container where that is ticked, whatever address stands there', async () => {
  const asked: Compare[] = [];
  const { backend, user } = openWindow('#/vectors');
  const { compareCollection } = backend;
  backend.compareCollection = (compare) => {
    asked.push(structuredClone(compare));
    return compareCollection(compare);
  };
  vectors.comparing.qdrant = 'http://127.0.0.1:6333';
  await user.click(await screen.findByRole('tab', { name: 'Compare' }));
  await user.click(screen.getByRole('checkbox', { name: 'Run Qdrant in a container' }));
  await user.click(screen.getByRole('checkbox', { name: 'Run pgvector in a container' }));
  expect(screen.getByRole('textbox', { name: 'Qdrant' })).toHaveProperty('disabled', true);
  expect(screen.queryByRole('textbox', { name: /^File with their keys/ })).toBeNull();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Compare' }));
  expect(await screen.findByRole('heading', { name: 'Take Local index' })).toBeTruthy();
  expect(asked).toMatchObject([{ qdrant: 'docker', pgvector: 'docker', pinecone: null }]);
  vectors.comparing.contained = { qdrant: false, pgvector: false };
});

test('a number that was taken out is asked for, and a point’s neighbours are found without it', async () => {
  const made: NewCollection[] = [];
  const compared: Compare[] = [];
  const asked: Question[] = [];
  const { backend, user } = openWindow('#/vectors');
  const { queryCollection } = backend;
  backend.createCollection = (collection) => Promise.reject(made.push(collection));
  backend.compareCollection = (compare) => Promise.reject(compared.push(compare));
  backend.queryCollection = (question) => {
    asked.push(structuredClone(question));
    return queryCollection(question);
  };
  const empty = async (name: string) => {
    const field = screen.getByRole<HTMLInputElement>('spinbutton', { name });
    await user.clear(field);
    expect(field.validity.valueMissing).toBe(true);
  };

  await user.type(await screen.findByRole('searchbox', { name: 'Text to look for' }), 'restore');
  await empty('Results');
  await user.click(screen.getByRole('button', { name: 'Ask' }));
  expect(asked).toEqual([]);
  await vectors.neighbours('storage-1');
  expect(asked).toMatchObject([{ sought: { by: 'point', id: 'storage-1' }, limit: 10 }]);

  await user.click(screen.getByRole('tab', { name: 'Compare' }));
  await empty('Latency');
  await empty('Vectors at most');
  await user.click(screen.getByRole('button', { name: 'Compare' }));
  expect(compared).toEqual([]);
  await expectAccessible();

  await user.click(screen.getByRole('button', { name: 'New' }));
  await user.type(screen.getByRole('textbox', { name: 'Name' }), 'own');
  await user.click(screen.getByRole('radio', { name: /by your own code/ }));
  await empty('Delay, ms');
  await user.click(screen.getByRole('button', { name: 'Make it' }));
  expect(made).toEqual([]);
});

test('what work found is shown where it was found, and nothing is begun beside it', async () => {
  const { backend, user } = openWindow('#/vectors', 'working', { measureCollection: async () => 9100 });
  await user.click(await screen.findByRole('tab', { name: 'Index' }));
  await user.click(screen.getByRole('button', { name: 'Measure' }));
  await user.click(screen.getByRole('button', { name: /^tickets/ }));
  for (const name of ['New', 'Export', 'Embed anew'])
    expect(screen.getByRole('button', { name })).toHaveProperty('disabled', true);
  // The line of the work says what it is on.
  expect(screen.getAllByText('handbook')).toHaveLength(2);
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: /^handbook/ }));
  expect(screen.getByRole('button', { name: 'Add documents' })).toHaveProperty('disabled', true);
  await user.click(screen.getByRole('button', { name: /^tickets/ }));
  backend.emit({ type: 'measured', task: 9100, stands: stands() });
  backend.emit({ type: 'task', task: 9100, step: { step: 'finished' } });
  await eventually(() => expect(screen.getByRole('button', { name: 'New' })).toHaveProperty('disabled', false));
  // What the end of the work reads has been read, too.
  await vectors.load();
  expect(screen.getByRole('heading', { name: 'tickets' })).toBeTruthy();
  expect(vectors.stands).toBeNull();
  expect(screen.queryByRole('table')).toBeNull();
});

test('why work failed is told as a notice where another collection is looked at', async () => {
  const problem = { code: 'x.y', message: 'the disk is full', nextStep: 'Make room.', owner: 'learner' as const };
  const { backend, user } = openWindow('#/vectors', 'working', { measureCollection: async () => 9101 });
  await user.click(await screen.findByRole('tab', { name: 'Index' }));
  await user.click(screen.getByRole('button', { name: 'Measure' }));
  await user.click(screen.getByRole('button', { name: /^tickets/ }));
  backend.emit({ type: 'task', task: 9101, step: { step: 'failed', problem } });
  await eventually(() => expect(notices.list.map((each) => each.message)).toEqual(['the disk is full']));
  expect(vectors.workProblem).toBeNull();
});

test('a new collection stays in sight while it is made, whatever is read again meanwhile', async () => {
  const { backend, user } = openWindow('#/vectors', 'working', { ingest: async () => 9102 });
  await user.click(await screen.findByRole('button', { name: 'New' }));
  await user.type(screen.getByRole('textbox', { name: 'Name' }), 'notes');
  await user.type(screen.getByRole('textbox', { name: /^Folder/ }), '/srv/notes');
  await user.click(screen.getByRole('button', { name: 'Take documents in' }));
  await eventually(() => expect(vectors.work?.collection).toBe('notes'));
  await vectors.load();
  expect(vectors.name).toBe('notes');
  backend.emit({ type: 'task', task: 9102, step: { step: 'cancelled' } });
  expect(await screen.findByRole('heading', { name: 'handbook' })).toBeTruthy();
});

test('an answer that comes after another collection was chosen is not shown there', async () => {
  const answers: (() => void)[] = [];
  const { user } = openWindow('#/vectors', 'working', {
    queryCollection: () =>
      new Promise((answer) => answers.push(() => answer([{ id: 'late', score: 1, payload: '{}' }]))),
  });
  await user.type(await screen.findByRole('searchbox', { name: 'Text to look for' }), 'restore{Enter}');
  await user.click(screen.getByRole('button', { name: /^tickets/ }));
  answers[0]?.();
  await vectors.load();
  expect([vectors.found, vectors.asking]).toEqual([null, false]);
});

test('settings that are being typed outlast what is read meanwhile, and not another collection', async () => {
  const { user } = openWindow('#/vectors');
  await user.click(await screen.findByRole('tab', { name: 'Index' }));
  const field = () => screen.getByRole<HTMLInputElement>('spinbutton', { name: /^Candidates of a search/ });
  await user.clear(field());
  await user.type(field(), '128');
  await vectors.load();
  await tick();
  expect(field().value).toBe('128');
  await user.click(screen.getByRole('button', { name: /^tickets/ }));
  await eventually(() => expect(field().value).toBe('64'));
});

test('the points of foreign vectors are asked for by id, and one that is not there is told', async () => {
  const asked: string[] = [];
  const { backend, user } = openWindow('#/vectors');
  const { queryCollection } = backend;
  backend.queryCollection = async (question) => {
    const id = question.sought.by === 'point' ? question.sought.id : '';
    asked.push(id);
    const [message, nextStep] = ['there is no point "storage-x"', 'Name one that is there.'];
    if (id === 'storage-x') throw new Refused({ code: 'retrieval.point', message, nextStep, owner: 'learner' });
    return queryCollection(question);
  };
  await user.click(await screen.findByRole('button', { name: /^tickets/ }));
  const field = screen.getByRole('textbox', { name: 'Id of a point' });
  const find = screen.getByRole('button', { name: 'Find neighbours' });
  expect(find).toHaveProperty('disabled', true);
  await user.type(field, 'storage-x{Enter}');
  expect((await screen.findByRole('alert')).textContent).toContain('Name one that is there.');
  await user.clear(field);
  await user.type(field, ' storage-3 ');
  await user.click(find);
  expect(await screen.findByText('The point and its neighbours')).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
  expect(asked).toEqual(['storage-x', 'storage-3']);
  expect(field).toHaveProperty('value', 'storage-3');
  await expectAccessible();
});

test('scores are named by the way that was asked, not by the one chosen since', async () => {
  const { user } = openWindow('#/vectors');
  await user.click(await screen.findByRole('radio', { name: 'Words' }));
  await user.type(screen.getByRole('searchbox', { name: 'Text to look for' }), 'restore{Enter}');
  expect(await screen.findByText('score: BM25')).toBeTruthy();
  await user.click(screen.getByRole('radio', { name: 'Both' }));
  expect(screen.getByText('score: BM25')).toBeTruthy();
});
