// Reasons that do not fit where they are told in a word: whoever wants them can have them, without a mouse too.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { eventually, expectAccessible, openWindow } from '../test.window';

const LAB = '#/lab/orientation';
const lab = 'orientation';

test('why saves are not seen is a press away', async () => {
  const { backend, user } = openWindow(LAB);
  await screen.findByText('Watching: events');
  const { workspace } = await backend.lab(lab);
  if (workspace) backend.emit({ type: 'workspace_changed', lab, workspace: { ...workspace, watch: 'off' } });
  const word = await screen.findByText('Not watching');
  const details = word.closest('details') as HTMLDetailsElement;
  expect(details.textContent).toContain('Run the checks by hand.');
  expect(details.open).toBe(false);
  await user.click(word);
  expect(details.open).toBe(true);
  await expectAccessible();
  word.focus();
  await user.tab();
  await eventually(() => expect(details.open).toBe(false));
});

test('why a service failed stands there whole', async () => {
  const { backend, user } = openWindow(LAB);
  await user.click(await screen.findByRole('tab', { name: /^Gateway requests/ }));
  await user.click(screen.getByRole('tab', { name: /^Service log/ }));
  const detail = `It ended with code 1 before it was ready: ${'the port is taken, '.repeat(20)}`.trim();
  backend.emit({ type: 'service_changed', lab, service: { name: 'service', state: 'failed', url: null, detail } });
  expect((await screen.findByText(detail)).tagName).toBe('P');
  expect(document.querySelector('.service [title*="port is taken"]')).toBeNull();
  await expectAccessible();
});
