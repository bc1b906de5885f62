import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { expect, test, vi } from 'vitest';

import { expectAccessible } from '../test.accessible';
import Copy from './Copy.svelte';
import Icon from './Icon.svelte';
import { icons, type IconName } from './icons';
import Inline from './Inline.svelte';
import Markdown from './Markdown.svelte';
import Notices from './Notices.svelte';
import { notices } from './notices.svelte';
import Output from './Output.svelte';
import { Told } from './problem';
import ProblemNote from './ProblemNote.svelte';
import Wait from './Wait.svelte';

test('a problem says what happened and what to do, and can be tried again', async () => {
  const retry = vi.fn();
  render(ProblemNote, { problem: { message: 'port 80 is taken', nextStep: 'Stop `nginx`.' }, retry });
  expect(screen.getByRole('alert').textContent).toMatch(/Port 80 is taken.*Stop nginx\./);
  expect(screen.getByText('nginx').tagName).toBe('CODE');
  await expectAccessible();
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(retry).toHaveBeenCalledOnce();
});

test.each([
  ['no code', 0],
  ['run `a` then `b`', 2],
  ['a lone ` is a backtick', 0],
  ['`<b>` is not HTML', 1],
])('inline code of %j', (text, codes) => {
  const { container } = render(Inline, { text });
  expect(container.querySelectorAll('code')).toHaveLength(codes);
  expect(container.textContent).toBe(codes ? text.replaceAll('`', '') : text);
});

test.each([
  ['it is *told*, not *enforced at all*', ['told', 'enforced at all']],
  ['2*3*4 is 24, and 2 * 3 is 6', []],
  ['`*args` and *kwargs*', ['kwargs']],
  ['a lone * is a star', []],
])('inline stress of %j', (text, stressed) => {
  const { container } = render(Inline, { text });
  expect([...container.querySelectorAll('em')].map((each) => each.textContent)).toEqual(stressed);
});

test('a wait says nothing for 200 ms, then what is awaited', async () => {
  vi.useFakeTimers();
  render(Wait, { what: 'Reading the plan' });
  const status = screen.getByRole('status');
  await vi.advanceTimersByTimeAsync(199);
  expect(status.textContent).toBe('');
  await vi.advanceTimersByTimeAsync(1);
  expect(status.textContent).toBe('Reading the plan…');
  vi.useRealTimers();
});

test('a copy says so, then offers itself again', async () => {
  const user = userEvent.setup();
  render(Copy, { text: 'a secret', label: 'Copy the key' });
  await user.click(screen.getByRole('button', { name: 'Copy the key' }));
  await screen.findByRole('button', { name: 'Copied' });
  expect(await navigator.clipboard.readText()).toBe('a secret');
  await screen.findByRole('button', { name: 'Copy the key' });
});

test('every icon is a path that screen readers pass over', () => {
  for (const name of Object.keys(icons) as IconName[]) render(Icon, { name, size: 24 });
  const drawn = [...document.querySelectorAll('svg')];
  expect(drawn).toHaveLength(Object.keys(icons).length);
  for (const each of drawn) {
    expect([each.getAttribute('aria-hidden'), each.getAttribute('width')]).toEqual(['true', '24']);
    expect(each.querySelector('path')?.getAttribute('d')).toMatch(/^M/);
  }
});

test('output follows its end until the reader scrolls up, and the keyboard reaches it', async () => {
  const { rerender } = render(Output, { label: 'Log', lines: [], empty: 'Nothing yet.' });
  const log = screen.getByRole('log', { name: 'Log' });
  expect([log.textContent, log.tabIndex]).toEqual(['Nothing yet.', 0]);
  let height = 100;
  Object.defineProperty(log, 'scrollHeight', { get: () => height });
  Object.defineProperty(log, 'clientHeight', { value: 50 });
  await rerender({ lines: ['one'] });
  expect(log.scrollTop).toBe(100);
  log.scrollTop = 10;
  log.dispatchEvent(new Event('scroll'));
  height = 200;
  await rerender({ lines: ['one', 'two'] });
  expect([log.scrollTop, log.textContent]).toEqual([10, 'one\ntwo\n']);
});

test('a line that comes leaves the others as they are, and the oldest go where there are too many', async () => {
  const lines = Array.from({ length: 1000 }, (_, at) => `line ${at}`);
  const { rerender } = render(Output, { label: 'Log', lines, empty: '' });
  const log = screen.getByRole('log', { name: 'Log' });
  const before = [...log.children];
  expect(before).toHaveLength(1000);
  await rerender({ lines: [...lines, '', 'last'] });
  expect(log.children).toHaveLength(1000);
  expect([...log.children].slice(0, -2).every((each, at) => each === before[at + 2])).toBe(true);
  expect(log.textContent).toBe([...lines.slice(2), '', 'last', ''].join('\n'));
});

test('notices: a problem once until it is dismissed, a success and what passes for a while, and no failure is lost', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const user = userEvent.setup({ delay: null });
  render(Notices);
  const failing = () => notices.watch(Promise.reject(new Told({ message: 'no editor', nextStep: 'Set EDITOR.' })));
  expect([await failing(), await failing()]).toEqual([false, false]);
  notices.done('Saved');
  notices.passing({ message: 'busy', nextStep: 'Wait.' });
  await screen.findByText('Busy');
  const alerts = screen.getAllByRole('alert').map((alert) => alert.textContent);
  expect(alerts).toEqual([expect.stringMatching(/No editor.*Set EDITOR\./), expect.stringMatching(/Busy.*Wait\./)]);
  expect(screen.getByText('Saved')).toBeTruthy();
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  await vi.waitFor(() => expect(screen.queryByText('Saved')).toBeNull());
  expect(screen.getAllByRole('alert')).toHaveLength(1);
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByRole('alert')).toBeNull();
  notices.done('Copied');
  for (const at of [1, 2, 3, 4, 5]) notices.problem({ message: `Number ${at}`, nextStep: '' });
  await vi.waitFor(() => expect(screen.getAllByRole('alert')).toHaveLength(5));
  expect(screen.queryByText('Copied')).toBeNull();
});

test('what leads on stays until it is dismissed, by Escape too, which gives the focus back', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const user = userEvent.setup({ delay: null });
  const field = document.body.appendChild(document.createElement('input'));
  render(Notices);
  notices.done('Built', 'mine:1', { label: 'Go to Containers', run: () => {} });
  await vi.waitFor(() => expect(screen.queryByText('Built')).not.toBeNull());
  vi.advanceTimersByTime(60_000);
  await tick();
  field.focus();
  await user.tab();
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Go to Containers' }));
  await user.keyboard('{Escape}');
  expect(screen.queryByText('Built')).toBeNull();
  expect(document.activeElement).toBe(field);
  field.remove();
  vi.useRealTimers();
});

test('what has the focus comes into sight again where a notice takes its room, and nothing else moves', async () => {
  const button = (id: string) => {
    const made = document.body.appendChild(document.createElement('button'));
    return Object.assign(made, { id, scrollIntoView: vi.fn() });
  };
  const [low, high] = [button('low'), button('high')];
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
    const foot = 600 - 40 * document.querySelectorAll('[data-notice]').length;
    return { top: foot, bottom: this.id === 'low' ? 590 : 300 } as DOMRect;
  });
  render(Notices);
  high.focus();
  notices.problem({ message: 'One failed.', nextStep: '' });
  await screen.findByText('One failed.');
  notices.list = [];
  await tick();
  low.focus();
  notices.problem({ message: 'Two failed.', nextStep: '' });
  await screen.findByText('Two failed.');
  expect(high.scrollIntoView).not.toHaveBeenCalled();
  expect(low.scrollIntoView).toHaveBeenCalledExactlyOnceWith({ block: 'nearest' });
  [low, high].forEach((each) => each.remove());
});

test('who dismisses a notice stands on the next one, and after the last on the screen', async () => {
  const user = userEvent.setup();
  const main = document.body.appendChild(document.createElement('main'));
  main.tabIndex = -1;
  render(Notices);
  for (const message of ['First failed.', 'Second failed.', 'Third failed.'])
    notices.problem({ message, nextStep: '' });
  const buttons = await screen.findAllByRole('button', { name: 'Dismiss' });
  await user.click(buttons[1] as HTMLElement);
  expect(document.activeElement).toBe(buttons[2]);
  await user.keyboard('{Enter}');
  expect(document.activeElement).toBe(buttons[0]);
  await user.keyboard('{Enter}');
  expect(document.activeElement).toBe(main);
  main.remove();
});

test('a notice that is read does not pass, by pointer or by focus', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const user = userEvent.setup({ delay: null });
  render(Notices);
  notices.done('Saved');
  const saved = () => screen.queryByText('Saved');
  await vi.waitFor(() => expect(saved()).not.toBeNull());
  const pass = async (ms: number) => {
    vi.advanceTimersByTime(ms);
    await tick();
  };
  await user.hover(saved() as HTMLElement);
  await pass(60_000);
  await user.unhover(saved() as HTMLElement);
  screen.getByRole('button', { name: 'Dismiss' }).focus();
  await pass(60_000);
  expect(saved()).not.toBeNull();
  screen.getByRole('button', { name: 'Dismiss' }).blur();
  await pass(7_000);
  expect(saved()).not.toBeNull();
  await pass(2_000);
  expect(saved()).toBeNull();
  vi.useRealTimers();
});

test('a notice can lead to what it tells of, and has then done its work', async () => {
  const user = userEvent.setup();
  const run = vi.fn();
  render(Notices);
  notices.done('Built', 'mine:1', { label: 'Go to Containers', run });
  await user.click(await screen.findByRole('button', { name: 'Go to Containers' }));
  expect(run).toHaveBeenCalledOnce();
  expect(screen.queryByText('Built')).toBeNull();
});

test('what breaks in the window itself is told as such', async () => {
  await notices.watch(Promise.reject(new TypeError('x is undefined')));
  expect(notices.list[0]).toMatchObject({ kind: 'problem', message: expect.stringContaining('x is undefined') });
});

test('Markdown: links lead where they may, and code can be copied', async () => {
  const user = userEvent.setup();
  const opened: unknown[] = [];
  render(Markdown, {
    text: '[the file](app.py#L3) [models](#/models) [web](https://example.org)\n\n```\nrun\n```',
    onfile: (...file) => opened.push(file),
  });
  await user.click(screen.getByRole('link', { name: 'the file' }));
  await user.click(screen.getByRole('link', { name: 'models' }));
  expect([opened, location.hash]).toEqual([[['app.py', 3]], '#/models']);
  await user.click(screen.getByRole('link', { name: 'web' }));
  expect(await navigator.clipboard.readText()).toBe('https://example.org');
  expect(notices.list[0]?.nextStep).toContain('https://example.org');
  const copy = screen.getByRole('button', { name: 'Copy code' });
  copy.focus();
  await user.keyboard('{Enter}');
  await vi.waitFor(() => expect(copy.textContent).toBe('Copied'));
  expect(await navigator.clipboard.readText()).toBe('run');
  await expectAccessible();
});
