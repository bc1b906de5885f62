// What has not been read yet is awaited, and not told to be empty.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import type { Backend } from '../backend/backend';
import { expectAccessible, openWindow, row } from '../test.window';

type User = ReturnType<typeof openWindow>['user'];

const never = () => new Promise<never>(() => undefined);

const tab = (name: RegExp) => async (user: User) => {
  // The pane unfolds with another tab than the one it was left at.
  await user.click(screen.getByRole('tab', { name: 'Notes' }));
  await user.click(screen.getByRole('tab', { name }));
};

test.each<[string, Partial<Backend>, (user: User) => Promise<void>, string, RegExp]>([
  ['requests', { gatewayCalls: never }, tab(/^Gateway requests/), 'Reading the requests…', /No requests yet/],
  [
    'bodies of a request',
    { gatewayExchange: never },
    async (user) => {
      await tab(/^Gateway requests/)(user);
      await user.click((await screen.findAllByRole('button', { name: /^POST/ }))[0] as HTMLElement);
    },
    'Reading the bodies…',
    /are not kept/,
  ],
  ['a service’s log', { serviceLog: never }, tab(/^Service log/), 'Reading the log…', /Nothing printed yet/],
  ['traces', { traces: never }, tab(/^Traces/), 'Reading the traces…', /No traces yet/],
  ['a terminal', { openTerminal: never }, tab(/^Terminal/), 'Starting the shell…', /The shell has ended/],
  ['entries', { entries: never }, (user) => user.click(row('joined')), 'Reading the entries…', /None of this sort yet/],
  [
    'snapshots',
    { snapshots: never },
    (user) => user.click(screen.getByRole('button', { name: 'Snapshots' })),
    'Reading the snapshots…',
    /None yet/,
  ],
])('%s that nobody answers for', async (_, silent, open, waits, empty) => {
  const { user } = openWindow('#/lab/orientation', 'telling', silent);
  await screen.findByRole('button', { name: 'Run all checks' });
  await open(user);
  await screen.findByText(waits);
  expect(screen.queryByText(empty)).toBeNull();
  await expectAccessible();
});
