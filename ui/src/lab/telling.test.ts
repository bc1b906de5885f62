// Entries, traces and injected faults in the Lab screen.

import { fireEvent, screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { trace, traces } from '../backend/fake/traces';
import { eventually, expectAccessible, openWindow, row } from '../test.window';

const LAB = '#/lab/orientation';
const detail = () => screen.getByRole('region', { name: 'Open check' });

test('an entry is written where it is asked for, and its check turns green', async () => {
  const { user } = openWindow(LAB, 'telling');
  await screen.findByRole('button', { name: 'Run all checks' });
  await user.click(row('joined'));
  expect(detail().textContent).toContain('One entry of the sort community');
  expect(screen.getByText('None of this sort yet.')).toBeTruthy();
  await user.type(screen.getByRole('textbox', { name: 'Title' }), 'MLOps');
  await user.type(screen.getByRole('textbox', { name: 'Address' }), 'mlops.community');
  await user.type(screen.getByRole('textbox', { name: /^Text/ }), 'They build gateways there too.');
  expect(screen.getByText('5 words')).toBeTruthy();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Save entry' }));
  const alert = await within(detail()).findByRole('alert');
  expect(alert.textContent).toContain('"mlops.community" is not an address of the web.');
  expect(alert.textContent).toContain('Write it whole');
  await user.clear(screen.getByRole('textbox', { name: 'Address' }));
  await user.type(screen.getByRole('textbox', { name: 'Address' }), 'https://mlops.community');
  await user.click(screen.getByRole('button', { name: 'Save entry' }));
  await eventually(() => expect(row('joined').dataset.status).toBe('passed'));
  expect(within(detail()).queryByRole('alert')).toBeNull();

  // Taken back, its words wait in the form to be written anew.
  await user.click(row('joined'));
  await user.click(screen.getByRole('button', { name: /^Take back: / }));
  await eventually(() => expect(row('joined').dataset.status).toBe('failed'));
  expect(screen.getByRole('textbox', { name: 'Title' })).toHaveProperty('value', 'MLOps');
  expect(screen.getByRole('textbox', { name: 'Address' })).toHaveProperty('value', 'https://mlops.community');
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Title' }));
  expect(screen.getByText('None of this sort yet.')).toBeTruthy();
});

test('an entry of too few words is kept, and says how many it has', async () => {
  const { user } = openWindow(LAB, 'telling');
  await screen.findByRole('button', { name: 'Run all checks' });
  await user.click(row('joined'));
  await user.type(screen.getByRole('textbox', { name: 'Title' }), 'MLOps');
  await user.type(screen.getByRole('textbox', { name: 'Address' }), 'https://mlops.community');
  await user.type(screen.getByRole('textbox', { name: /^Text/ }), 'They build.');
  await user.click(screen.getByRole('button', { name: 'Save entry' }));
  await eventually(() => expect(row('joined').dataset.status).not.toBe('failed'));
  await user.click(row('joined'));
  const kept = screen.getByRole('region', { name: 'Entries so far' });
  expect(await within(kept).findByText('They build.')).toBeTruthy();
  expect(within(kept).getByText('2 of at least 5 words')).toBeTruthy();
  await expectAccessible();
});

test('a draft waits while another check is open, and no report takes the form away', async () => {
  const { backend, user } = openWindow(LAB, 'telling');
  await screen.findByRole('button', { name: 'Run all checks' });
  await user.click(row('joined'));
  await user.type(screen.getByRole('textbox', { name: 'Title' }), 'MLO');
  backend.emit({ type: 'report_finished', lab: 'orientation', passed: 3, checks: 9, stopped: [] });
  await eventually(() => expect(row('joined').getAttribute('aria-current')).toBe('true'));
  await user.click(row('health'));
  await user.click(row('joined'));
  expect(screen.getByRole('textbox', { name: 'Title' })).toHaveProperty('value', 'MLO');
});

test('a check that the learner opened stays open when it had passed before', async () => {
  const { backend, user } = openWindow(LAB, 'telling');
  await screen.findByRole('button', { name: 'Run all checks' });
  await user.click(row('hello-greets'));
  backend.emit({ type: 'report_finished', lab: 'orientation', passed: 3, checks: 9, stopped: [] });
  await eventually(() => expect(row('hello-greets').getAttribute('aria-current')).toBe('true'));
});

test('traces are a list, a waterfall and attributes on demand', async () => {
  const { user } = openWindow(LAB, 'telling');
  await user.click(await screen.findByRole('tab', { name: 'Traces 2' }));
  const list = within(screen.getByRole('region', { name: 'Traces' }));
  const [first, second] = list.getAllByRole('button');
  expect(first?.textContent).toMatch(/POST \/ask.*5 spans.*2 errors.*0\.98 s/s);
  expect(screen.getByText('120 older spans no longer kept.')).toBeTruthy();
  const spans = within(await screen.findByRole('region', { name: 'Spans of POST /ask' }));
  expect(spans.getAllByRole('button').map((each) => each.textContent?.trim())).toEqual([
    'POST /ask',
    'retrieve',
    'chat smollm2-135m-instruct , error',
    'HTTP POST , error',
    'chat smollm2-135m-instruct',
  ]);
  await user.click(spans.getByRole('button', { name: 'retrieve' }));
  const attributes = screen.getByRole('region', { name: 'Attributes of retrieve' });
  expect(attributes.textContent).toMatch(/gen_ai\.usage\.output_tokens\s*37/);
  await expectAccessible();
  await user.click(second as HTMLElement);
  await screen.findByRole('region', { name: 'Spans of ingest' });
  expect(screen.getByText('9,000 more spans not shown.')).toBeTruthy();
});

test('of ten thousand spans only those in sight are drawn', async () => {
  const { user } = openWindow(LAB, 'telling');
  await user.click(await screen.findByRole('tab', { name: /Traces/ }));
  await user.click(await screen.findByRole('button', { name: /ingest/ }));
  const region = await screen.findByRole('region', { name: 'Spans of ingest' });
  const drawn = () => within(region).getAllByRole('button').length;
  expect(drawn()).toBeLessThan(100);
  // As if it were scrolled: jsdom lays nothing out.
  const body = region.querySelector('tbody') as HTMLElement;
  body.getBoundingClientRect = () => new DOMRect(0, -24 * 500, 600, 24 * 1000);
  await fireEvent.scroll(region);
  await within(region).findByRole('button', { name: 'chunk 500' });
  expect(drawn()).toBeLessThan(100);
});

test('spans that come in are read again, once a burst', async () => {
  let read = 0;
  let came = false;
  const { backend, user } = openWindow(LAB, 'working', {
    traces: async () => {
      read += 1;
      return came ? traces() : { traces: [], more: 0, dropped: 0 };
    },
    trace: async (_, id) => trace(id),
  });
  await user.click(await screen.findByRole('tab', { name: 'Traces' }));
  await screen.findByText(/No traces yet/);
  await expectAccessible();
  const before = read;
  came = true;
  for (let time = 0; time < 50; time++) backend.emit({ type: 'spans_exported', lab: 'orientation' });
  await screen.findByRole('region', { name: 'Spans of POST /ask' });
  expect(read).toBe(before + 1);
});

test('what was injected is told apart from what went wrong', async () => {
  const { user } = openWindow(LAB, 'telling');
  await user.click(await screen.findByRole('tab', { name: /Gateway requests/ }));
  const rows = within(screen.getByRole('region', { name: 'Gateway requests' })).getAllByRole('row');
  const status = rows
    .slice(1)
    .map((each) => within(each).getAllByRole('cell')[2]?.textContent?.replace(/\s+/g, ' ').trim());
  expect(status).toEqual([
    '200 injected latency',
    'injected 429 rate_limit_exceeded',
    '200',
    '404 model_not_found',
    '200',
  ]);
  await expectAccessible();
});
