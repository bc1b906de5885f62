// The gateway's requests, and what one of them sent and got.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused, type Exchange } from '../backend/backend';
import { call } from '../backend/fake/facts';
import { eventually, expectAccessible, openWindow } from '../test.window';

const LAB = '#/lab/orientation';

/** The rows of the table, the latest first. */
async function opened(scene = 'working', changes: Parameters<typeof openWindow>[2] = {}) {
  const window = openWindow(LAB, scene, changes);
  await window.user.click(await screen.findByRole('tab', { name: /Gateway requests/ }));
  const table = within(await screen.findByRole('region', { name: 'Gateway requests' }));
  return { ...window, rows: () => table.getAllByRole('row').slice(1) };
}

const bodies = () => screen.findByRole('region', { name: 'Bodies of POST /v1/chat/completions' });

test('a row opens by the mouse, anywhere in it, and shows both bodies, JSON set in', async () => {
  const { user, rows } = await opened();
  await user.click(within(rows()[1] as HTMLElement).getByText('404 model_not_found'));
  const shown = within(await bodies());
  expect((await shown.findByRole('region', { name: 'Request' })).textContent).toContain(
    '\n      "content": "What is a gateway?"\n',
  );
  expect(shown.getByRole('region', { name: 'Response' }).textContent).toContain('    "code": "model_not_found",\n');
  await expectAccessible();
  await user.click(shown.getByRole('button', { name: 'Copy the request' }));
  expect(await navigator.clipboard.readText()).toMatch(/^\{"model":"smollm2-135m-instruct","messages":/);
  // Another row takes the place of this one, and the same row again closes.
  await user.click(rows()[0] as HTMLElement);
  const other = within(await bodies());
  expect((await other.findByRole('region', { name: 'Response' })).textContent).toMatch(/^data: .*A door\..*DONE/s);
  await user.click(rows()[0] as HTMLElement);
  expect(screen.queryByRole('region', { name: /^Bodies of/ })).toBeNull();
});

test('a row opens by the keyboard, which then reads on and comes back to the row', async () => {
  const { user, rows } = await opened();
  const row = within(rows()[2] as HTMLElement).getByRole('button', { name: /^POST/, expanded: false });
  for (const close of ['{Escape}', '{Tab}{Enter}']) {
    row.focus();
    await user.keyboard('{Enter}');
    const shown = await bodies();
    expect(document.activeElement).toBe(shown);
    expect(row.getAttribute('aria-expanded')).toBe('true');
    await within(shown).findByRole('region', { name: 'Request' });
    await user.keyboard(close);
    expect(screen.queryByRole('region', { name: /^Bodies of/ })).toBeNull();
    expect(document.activeElement).toBe(row);
  }
});

const body = { text: '{}', size: 2, cut: false, end: 'whole' } as const;

test.each<[string, Exchange | null, string[]]>([
  ['is kept no longer', null, ['The bodies of this request are not kept.']],
  [
    'was cut',
    { request: { ...body, size: 1.2e6, cut: true }, response: body },
    ['Only its beginning is kept.', '1.2 MB'],
  ],
  ['is no text', { request: { ...body, text: null, size: 840 }, response: body }, ['It is no text.', '840 B']],
  [
    'was not read, and not answered',
    {
      request: { text: '', size: 0, cut: false, end: 'broken' },
      response: { text: '', size: 0, cut: false, end: 'open' },
    },
    ['The gateway answered without reading it.', 'No answer was sent.'],
  ],
  ['is empty', { request: { ...body, text: '', size: 0 }, response: body }, ['Empty.']],
  ['broke off', { request: body, response: { ...body, end: 'broken' } }, ['It broke off before its end.']],
  ['goes on', { request: body, response: { ...body, end: 'open' } }, ['It has not come to its end yet.']],
])('what %s says so', async (_, exchange, said) => {
  const { user, rows } = await opened('working', { gatewayExchange: async () => exchange });
  await user.click(rows()[0] as HTMLElement);
  const shown = await bodies();
  for (const words of said) await eventually(() => expect(shown.textContent).toContain(words));
  await expectAccessible();
});

test('bodies that could not be read can be asked for again, by the moment of their call', async () => {
  const asked: unknown[] = [];
  const one = { ...call(200, 4), at: '2026-03-02T09:15:00.000000001Z' };
  const { user, rows } = await opened('working', {
    gatewayCalls: async () => [one],
    gatewayExchange: async (...given) => {
      asked.push(given);
      if (asked.length === 1) throw new Refused({ code: 'x', message: 'No.', nextStep: 'Wait.', owner: 'product' });
      return { request: body, response: body };
    },
  });
  await user.click(rows()[0] as HTMLElement);
  await user.click(within(await bodies()).getByRole('button', { name: 'Try again' }));
  await within(await bodies()).findByRole('region', { name: 'Response' });
  expect(asked).toEqual(Array(2).fill(['orientation', one.at]));
});

test('the open row stays open while others come', async () => {
  const { backend, user, rows } = await opened();
  await user.click(rows()[1] as HTMLElement);
  await within(await bodies()).findByText(/model_not_found/);
  backend.emit({ type: 'gateway_call', lab: 'orientation', call: call(200, 7) });
  await eventually(() => expect(rows()).toHaveLength(4));
  expect(within(rows()[2] as HTMLElement).getByRole('button', { expanded: true })).toBeTruthy();
  await within(await bodies()).findByText(/model_not_found/);
});
