import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { expect, test, vi } from 'vitest';

import { expectAccessible } from '../test.accessible';
import Dialog from './Dialog.svelte';
import FormDialog from './FormDialog.svelte';
import { Told } from './problem';

const text = (html: string) => createRawSnippet(() => ({ render: () => html }));

test.each([
  ['Cancel', []],
  ['Reset', ['confirmed']],
])('a dialog that ends with %s', async (button, wanted) => {
  const said: string[] = [];
  const onclose = vi.fn();
  render(Dialog, {
    title: 'Reset the lab?',
    confirm: 'Reset',
    onconfirm: () => said.push('confirmed'),
    onclose,
    children: text('<p>Your files are kept as a snapshot.</p>'),
  });
  expect(screen.getByRole('dialog', { name: 'Reset the lab?' })).toHaveProperty('open', true);
  await expectAccessible();
  await userEvent.click(screen.getByRole('button', { name: button }));
  expect(said).toEqual(wanted);
  expect(onclose).toHaveBeenCalledOnce();
});

test('a dialog that is not ready cannot be confirmed', () => {
  const onconfirm = vi.fn();
  render(Dialog, { title: 'A', confirm: 'Go', ready: false, onconfirm, onclose: () => {}, children: text('<p>b</p>') });
  screen.getByRole('button', { name: 'Go' }).click();
  expect(onconfirm).not.toHaveBeenCalled();
});

const form = (submit: () => Promise<unknown>, ready = true) => {
  const onclose = vi.fn();
  render(FormDialog, {
    title: 'New collection',
    confirm: 'Create',
    ready,
    submit,
    onclose,
    children: text('<label class="named">Name <input class="field" value="notes" /></label>'),
  });
  return onclose;
};

test('a form stays open with the reason until it has been done', async () => {
  let answers = 0;
  const onclose = form(async () => {
    if (answers++ === 0) throw new Told({ message: 'the name is taken', nextStep: 'Choose another.' });
  });
  await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), '{Enter}');
  expect((await screen.findByRole('alert')).textContent).toMatch(/The name is taken.*Choose another\./);
  expect(onclose).not.toHaveBeenCalled();
  await expectAccessible();
  await userEvent.click(screen.getByRole('button', { name: 'Create' }));
  await vi.waitFor(() => expect(onclose).toHaveBeenCalledOnce());
  expect([answers, screen.queryByRole('alert')]).toEqual([2, null]);
});

test('a form is sent once, and not before it is ready', async () => {
  const sent = vi.fn(() => new Promise(() => {}));
  form(sent);
  const button = screen.getByRole('button', { name: 'Create' });
  await userEvent.dblClick(button);
  expect(sent).toHaveBeenCalledOnce();
  expect(button).toHaveProperty('disabled', true);
});

test('a form that is not ready is not sent by Enter either', async () => {
  const sent = vi.fn(async () => {});
  form(sent, false);
  await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), '{Enter}');
  expect(sent).not.toHaveBeenCalled();
});
