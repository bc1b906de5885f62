import { expect, test } from 'vitest';

import { provide, type Lab } from '../backend/backend';
import { fake } from '../backend/fake';
import { lab as blank, outcome } from '../backend/fake/lab';
import { joined, LabStore } from './lab.svelte';

test.each([
  ['nothing heard', 'abc', '', 'abc'],
  ['heard after the reading', 'abc', 'de', 'abcde'],
  ['heard and read', 'abc', 'bc', 'abc'],
  ['heard, partly read', 'abc', 'cd', 'abcd'],
  ['nothing read', '', 'ab', 'ab'],
])('%s', (_, read, heard, whole) => {
  expect(joined([...read], [...heard], (one, other) => one === other).join('')).toBe(whole);
});

test.each(['the first reading', 'another reading'])(
  'what is heard while %s goes on outlives its older answer',
  async (which) => {
    const answers: ((lab: Lab) => void)[] = [];
    provide({ ...fake(new URLSearchParams({ pace: '0' })), lab: () => new Promise((done) => answers.push(done)) });
    const store = new LabStore('orientation');
    if (which === 'another reading') {
      const first = store.load();
      answers.shift()?.(blank());
      await first;
    }
    const reading = store.load();
    const check = outcome('hello-there', true);
    store.apply({ type: 'check_finished', lab: 'orientation', outcome: check });
    answers.shift()?.(blank());
    await reading;
    expect(store.lab?.steps[0]?.checks[0]?.outcome).toEqual(check);

    // What was heard is not told again after the next reading.
    const fresh = store.load();
    answers.shift()?.(blank());
    await fresh;
    expect(store.lab?.steps[0]?.checks[0]?.outcome).toBeNull();
  },
);
