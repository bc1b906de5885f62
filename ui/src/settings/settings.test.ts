import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused, type Backend, type Problem } from '../backend/backend';
import { noPython } from '../backend/fake/facts';
import { eventually, expectAccessible, openWindow } from '../test.window';

const HERE = '#/settings';
const section = async (name: string) => within(await screen.findByRole('region', { name }));
const read = async (name: string, text: string | RegExp) => (await section(name)).findByText(text);
const alertIn = async (name: string) => (await section(name)).findByRole('alert');
const rows = async (name: string) =>
  (await section(name))
    .getAllByRole('listitem')
    .map((row) => [...row.children].map((part) => part.textContent.replaceAll(/\s+/g, ' ').trim()));
const refuse = (problem: Problem = noPython) => Promise.reject(new Refused(problem));
const fill = async (user: ReturnType<typeof openWindow>['user'], field: HTMLElement, text: string) => {
  await user.clear(field);
  await user.click(field);
  await user.paste(text);
};
const never = () => new Promise<never>(() => undefined);

test('theme and contrast are chosen at once, each by itself, and kept', async () => {
  const { user } = openWindow(HERE);
  const { dataset } = document.documentElement;
  const kept = () => [dataset.theme, dataset.contrast, localStorage.getItem('theme'), localStorage.getItem('contrast')];
  const choose = async (group: string, name: string) =>
    user.click(within(await screen.findByRole('group', { name: group })).getByRole('radio', { name }));
  await choose('Theme', 'Dark');
  expect(kept()).toEqual(['dark', 'plain', 'dark', null]);
  await choose('Contrast', 'More');
  expect(kept()).toEqual(['dark', 'more', 'dark', 'more']);
  await expectAccessible();
  await choose('Theme', 'As the system');
  expect(kept()).toEqual(['light', 'more', null, 'more']);
  await choose('Contrast', 'As the system');
  expect(kept()).toEqual(['light', 'plain', null, null]);
  await screen.findByText('All labs can be done on this machine');
  await expectAccessible();
});

test('every section that cannot be had says so, and can be asked again', async () => {
  const commands = ['folders', 'editors', 'keys', 'transfer', 'doctor'] as const;
  const names = ['Folders', 'Editor', 'Keys', 'Your record', 'Doctor'];
  const { backend, user } = openWindow(
    HERE,
    'working',
    Object.fromEntries(commands.map((each) => [each, () => refuse()])) as Partial<Backend>,
  );
  await eventually(() => expect(screen.getAllByRole('alert')).toHaveLength(names.length));
  await expectAccessible();
  for (const command of commands) Reflect.deleteProperty(backend, command);
  Object.assign(backend, {
    folders: async () => [],
    editors: async () => ({ chosen: null, usual: null, installed: [], problem: null }),
    keys: async () => [],
    transfer: async () => ({ suggested: '/srv/record.db', waiting: null }),
    doctor: async () => [],
  } satisfies Partial<Backend>);
  for (const name of names) await user.click((await section(name)).getByRole('button', { name: 'Try again' }));
  await read('Keys', /No workspace has a key yet/);
  await read('Doctor', 'The doctor had nothing to look at.');
  await eventually(() => expect(screen.queryByRole('alert')).toBeNull());
  expect((await section('Editor')).getByRole('option', { name: 'As the system has it: none' })).toBeTruthy();
});

test('every section says what it waits for', async () => {
  const commands = ['folders', 'editors', 'keys', 'transfer', 'doctor'];
  openWindow(HERE, 'working', Object.fromEntries(commands.map((each) => [each, never])) as Partial<Backend>);
  for (const what of ['your folders', 'editors', 'keys', 'records']) await screen.findByText(`Looking for ${what}…`);
  await screen.findByText('Looking at this machine…');
  await expectAccessible();
});

test('folders are shown with their size, and opened', async () => {
  const opened: string[] = [];
  const { user } = openWindow(HERE, 'working', {
    openFolder: async (kind) => {
      opened.push(kind);
      return null;
    },
  });
  await read('Folders', '48 MB');
  await eventually(async () =>
    expect(await rows('Folders')).toEqual([
      ['Workspaces /home/ada/Groundwork', '48 MB', 'Open'],
      ['Record and data /home/ada/.local/share/groundwork', '612 MB', 'Open'],
      ['Models /home/ada/.local/share/groundwork/models', '1.3 GB', 'Open'],
      ['Portfolio /home/ada/Groundwork', 'Nothing yet', 'Open'],
    ]),
  );
  await user.click(screen.getByRole('button', { name: 'Open the folder: Models' }));
  expect(opened).toEqual(['models']);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Open the folder: Portfolio' }).disabled).toBe(true);
});

test('a folder that cannot be shown or counted says so', async () => {
  const { user } = openWindow(HERE, 'trouble', { folderBytes: () => refuse() });
  expect(await (await section('Folders')).findAllByText('Not counted')).toHaveLength(3);
  await user.click(screen.getByRole('button', { name: 'Open the folder: Workspaces' }));
  await screen.findByText(/xdg-open is not installed/);
});

test('an editor is chosen of the known ones or by its command, and tried', async () => {
  const { user, backend } = openWindow(HERE);
  const select = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'Open files in' });
  const names = within(select).getAllByRole('option');
  expect(names.map((option) => option.textContent.trim())).toEqual([
    'As the system has it: Visual Studio Code',
    'Visual Studio Code',
    'Zed',
    'Neovim, in a terminal',
    'Another command',
  ]);
  await user.selectOptions(select, 'Zed');
  await eventually(async () => expect((await backend.editors()).chosen).toBe('zed'));
  await user.click(screen.getByRole('button', { name: 'Try it' }));
  await screen.findByText('Zed has a file open');

  await user.selectOptions(select, 'Another command');
  const command = screen.getByRole<HTMLInputElement>('textbox', { name: /^Command/ });
  await fill(user, command, 'nowhere --now');
  await user.click(screen.getByRole('button', { name: 'Use it' }));
  const alert = await alertIn('Editor');
  expect(alert.textContent).toContain('there is no such program on the PATH');
  expect((await backend.editors()).chosen).toBe('zed');
  await expectAccessible();

  await fill(user, command, 'kate --new');
  await user.keyboard('{Enter}');
  await eventually(async () => expect((await section('Editor')).queryByRole('alert')).toBeNull());
  await eventually(async () => expect((await backend.editors()).chosen).toBe('kate --new'));
  expect(select.selectedOptions[0]?.textContent.trim()).toBe('Another command');

  await user.selectOptions(select, 'As the system has it: Visual Studio Code');
  await eventually(async () => expect((await backend.editors()).chosen).toBeNull());
  expect(screen.queryByRole('textbox', { name: /^Command/ })).toBeNull();
});

test('a choice that is refused is not shown as chosen, and a machine without an editor says so', async () => {
  const { user } = openWindow(HERE, 'working', { useEditor: () => refuse() });
  const select = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'Open files in' });
  await user.selectOptions(select, 'Zed');
  await alertIn('Editor');
  await eventually(() => expect(select.value).toBe(''));
});

test('where there is no editor, that is told before a file is opened', async () => {
  const { user } = openWindow(HERE, 'trouble');
  const editor = await alertIn('Editor');
  expect(editor.textContent).toContain('No editor with a window was found.');
  await user.click(screen.getByRole('button', { name: 'Try it' }));
  await eventually(async () =>
    expect((await section('Editor')).getByRole('alert').textContent).toContain('Install Visual Studio'),
  );
});

test('keys are never shown whole, and one is renewed after what that means was read', async () => {
  const { user } = openWindow(HERE);
  await read('Keys', 'gw-7Qe2vX…');
  await eventually(async () => expect((await rows('Keys'))[0]?.[0]).toBe('Orientation gw-7Qe2vX…'));
  expect((await rows('Keys'))[1]).toEqual(['Orientation Its file cannot be read', 'Never used', '']);
  expect((await rows('Keys'))[0]?.[1]).toMatch(/^Last used \d/);
  await user.click(screen.getByRole('button', { name: 'Renew the key of Orientation' }));
  const dialog = within(screen.getByRole('dialog'));
  expect(dialog.getByText(/What still runs with the one of before gets 401/)).toBeTruthy();
  await expectAccessible();
  await user.click(dialog.getByRole('button', { name: 'Renew' }));
  await screen.findByText('Orientation has a fresh key');
  await read('Keys', 'gw-b81TkP…');
});

test('without a workspace there is no key', async () => {
  openWindow(HERE, 'fresh');
  await read('Keys', 'No workspace has a key yet. Each gets one when its lab is started.');
});

test('the record is written to a file that is named, and what it holds is told', async () => {
  const { user } = openWindow(HERE);
  const to = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Write it to' });
  expect(to.value).toBe('/home/ada/Groundwork/groundwork-record-2026-03-02.db');
  const go = screen.getByRole<HTMLButtonElement>('button', { name: 'Export' });
  await fill(user, to, 'record.db');
  expect(go.disabled).toBe(true);
  await fill(user, to, '/srv/record.db');
  await user.keyboard('{Enter}');
  const told = await read('Your record', /^Written: 3 workspaces, 412 outcomes, the last of /);
  expect(within(told).getByRole('button', { name: 'Copy the path of the file' })).toBeTruthy();
  await expectAccessible();
});

test('another record waits until the next start, and can be called off', async () => {
  const { user } = openWindow(HERE);
  const from = await screen.findByRole('textbox', { name: 'Put another in its place' });
  await fill(user, from, '/srv/page.html');
  await user.keyboard('{Enter}');
  expect((await alertIn('Your record')).textContent).toContain('it is no record of Groundwork');
  await fill(user, from, '/srv/record.db');
  await user.click(screen.getByRole('button', { name: 'Import' }));
  await read('Your record', /^Another record waits: 3 workspaces, 412 outcomes/);
  expect(screen.getByText(/when Groundwork is next started/)).toBeTruthy();
  expect((await section('Your record')).queryByRole('alert')).toBeNull();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Keep mine' }));
  await eventually(() => expect(screen.queryByText(/^Another record waits/)).toBeNull());
});

test('the doctor tells each finding and what mends it', async () => {
  openWindow(HERE, 'trouble');
  await screen.findByText('3 findings to mend');
  expect(screen.getByText('No python3 was found on the PATH.')).toBeTruthy();
  expect(screen.getByText(/sudo apt install python3/)).toBeTruthy();
  await expectAccessible();
});

test('what can be mended here is, and the doctor looks again', async () => {
  const { user, backend } = openWindow(HERE, 'trouble');
  await screen.findByText(/build their images from it/);
  await user.click(screen.getByRole('button', { name: 'Bring the image' }));
  await eventually(() => expect(screen.queryByText(/build their images from it/)).toBeNull());
  expect(screen.queryByRole('button', { name: 'Bring the image' })).toBeNull();
  await screen.findByText('groundwork/python:3.11 is here.');
  expect((await backend.doctor()).every((finding) => finding.repair === null)).toBe(true);
});

test('a repair is stopped where it stands, and one that fails says why and can be tried again', async () => {
  const cancelled: number[] = [];
  const { user, backend } = openWindow(HERE, 'trouble', {
    repair: async () => 4713,
    cancel: async (task) => {
      cancelled.push(task);
      return null;
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Bring the image' }));
  backend.emit({ type: 'task', task: 4713, step: { step: 'started', title: 'Bringing the base image' } });
  await user.click(await (await section('Bringing the base image')).findByRole('button', { name: 'Cancel' }));
  expect(cancelled).toEqual([4713]);
  backend.emit({ type: 'task', task: 4713, step: { step: 'failed', problem: noPython } });
  const alert = await alertIn('Doctor');
  expect(alert.textContent).toContain(noPython.message);
  expect(screen.getByRole('button', { name: 'Bring the image' })).toBeTruthy();
});

test('two findings of one name are both told', async () => {
  openWindow(HERE, 'working', {
    doctor: async () => [
      { name: 'Pack', state: 'bad', detail: 'first', nextStep: null, repair: null },
      { name: 'Pack', state: 'bad', detail: 'second', nextStep: null, repair: null },
    ],
  });
  await screen.findByText('2 findings to mend');
  expect(screen.getAllByText('Pack')).toHaveLength(2);
});
