// The terminal over a scripted shell. Only the real window measures and draws it (tests/desktop/terminal.rs).

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused } from '../../backend/backend';
import { eventually, expectAccessible, openWindow } from '../../test.window';
import { strict } from './strict';

const LAB = '#/lab/orientation';
const shown = () => document.querySelector('.xterm-accessibility-tree')?.textContent ?? '';

async function open(scene = 'working', changes = {}) {
  // What is not measured is not drawn: jsdom has only what a screen reader gets.
  localStorage.setItem('terminal-aloud', 'yes');
  const window = openWindow(LAB, scene, changes);
  await window.user.click(await screen.findByRole('tab', { name: 'Terminal' }));
  return window;
}

test('a shell starts with the tab, hears keys in their order, and another follows its end', async () => {
  const typed: string[] = [];
  const { backend, user } = await open();
  const type = backend.typeInTerminal.bind(backend);
  backend.typeInTerminal = async (slug, terminal, text) => {
    typed.push(text);
    // The first takes longest.
    await new Promise((done) => setTimeout(done, Math.max(0, 20 - typed.length * 5)));
    return type(slug, terminal, text);
  };
  await eventually(() => expect(shown()).toContain('~/Groundwork/orientation$'));
  await expectAccessible();
  await user.click(screen.getByRole('textbox', { name: 'Terminal' }));
  await user.keyboard('exit{Enter}');
  await screen.findByText('The shell has ended.');
  expect(typed.join('')).toBe('exit\r');
  await user.click(screen.getByRole('button', { name: 'Start another' }));
  await eventually(() => expect(screen.queryByText('The shell has ended.')).toBeNull());
});

test('F6 leaves the terminal, and it is read aloud only where that is wished for', async () => {
  const { user } = await open();
  await eventually(() => expect(shown()).toContain('$'));
  const place = screen.getByRole('textbox', { name: 'Terminal' });
  place.focus();
  await user.keyboard('{F6}');
  expect(document.activeElement).toBe(screen.getByRole('tab', { name: 'Terminal' }));
  await user.click(screen.getByRole('button', { name: 'For screen readers', pressed: true }));
  expect(document.querySelector('.xterm-accessibility-tree')).toBeNull();
});

test('a command of the guide runs in the terminal, unless another program is there', async () => {
  let busy = false;
  const typed: string[] = [];
  const { backend, user } = openWindow(LAB, 'telling', { terminalIsBusy: async () => busy });
  const type = backend.typeInTerminal.bind(backend);
  backend.typeInTerminal = (slug, terminal, text) => {
    typed.push(text);
    return type(slug, terminal, text);
  };
  await user.click(await screen.findByRole('button', { name: /Run a program \d/ }));
  const run = () =>
    within(screen.getByRole('region', { name: 'Guide' })).getAllByRole('button', { name: 'Run in the terminal' })[0];
  await user.click(run() as HTMLElement);
  await eventually(() => expect(typed.join('')).toBe('. .groundwork/activate\rpython hello.py\r'));
  busy = true;
  await user.click(run() as HTMLElement);
  await screen.findByText('The terminal is busy with another program.');
  expect(typed.join('')).toBe('. .groundwork/activate\rpython hello.py\r');
});

/** The button of the first command of the guide. */
async function command(user: Awaited<ReturnType<typeof open>>['user']): Promise<HTMLElement> {
  await user.click(await screen.findByRole('button', { name: /Run a program \d/ }));
  const guide = within(screen.getByRole('region', { name: 'Guide' }));
  return guide.getAllByRole('button', { name: 'Run in the terminal' })[0] as HTMLElement;
}

test('a command beside a program that prints is told at once that it has to wait, and does not come later', async () => {
  const typed: string[] = [];
  let busy = true;
  const { backend, user } = await open('telling', { terminalIsBusy: async () => busy });
  backend.typeInTerminal = async (_slug, _terminal, text) => {
    typed.push(text);
    return null;
  };
  await eventually(() => expect(shown()).toContain('$'));
  const printing = setInterval(
    () => backend.emit({ type: 'terminal_output', lab: 'orientation', terminal: 1, text: '.' }),
    20,
  );
  await user.click(await command(user));
  await screen.findByText('The terminal is busy with another program.');
  clearInterval(printing);
  busy = false;
  await new Promise((done) => setTimeout(done, 400));
  expect(typed).toEqual([]);
});

test('a command pressed twice while the shell starts is typed once, also where no prompt comes', async () => {
  const typed: string[] = [];
  const starting: ((terminal: number) => void)[] = [];
  const { user } = openWindow(LAB, 'telling', {
    openTerminal: () => new Promise((done) => starting.push(done)),
    typeInTerminal: async (_slug, _terminal, text) => {
      typed.push(text);
      return null;
    },
  });
  const run = await command(user);
  await user.click(run);
  await user.click(run);
  await eventually(() => expect(starting).toHaveLength(1));
  starting[0]?.(1);
  const wanted = '. .groundwork/activate\rpython hello.py\r';
  await eventually(() => expect(typed.join('')).toBe(wanted), { timeout: 4000 });
  await new Promise((done) => setTimeout(done, 400));
  expect(typed.join('')).toBe(wanted);
});

test('a shell that does not start says why', async () => {
  const problem = {
    code: 'terminal.shell',
    message: 'The shell /bin/fish did not start.',
    nextStep: 'Set SHELL to the shell that you use.',
    owner: 'learner' as const,
  };
  const openTerminal = async () => {
    throw new Refused(problem);
  };
  await open('working', { openTerminal });
  expect((await screen.findByRole('alert')).textContent).toContain('The shell /bin/fish did not start.');
  await expectAccessible();
});

test('what xterm.js writes as text becomes what the policy allows', () => {
  const page = strict(document);
  const span = page.createElement('span');
  span.setAttribute('style', 'color: red');
  span.setAttribute('title', 'here');
  expect([span.style.color, span.title]).toEqual(['red', 'here']);
  expect(page instanceof Document && page.defaultView === window).toBe(true);
});
