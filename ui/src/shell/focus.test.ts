import { afterEach, beforeEach, expect, test } from 'vitest';

import { keepFocus } from './focus';

let stop = () => {};

beforeEach(() => {
  document.body.innerHTML = `
    <nav><button id="rail">Plan</button></nav>
    <main tabindex="-1">
      <div class="screen">
        <button id="top">Top</button>
        <section id="region" tabindex="-1"><p id="words"><button id="inside">Inside</button></p></section>
        <ul id="list">
          <li id="one"><button>One</button></li>
          <li id="two"><button>Two</button></li>
          <li id="three"><button disabled>Shut</button><button tabindex="-1">Aside</button></li>
          <li id="four"><button>Four</button></li>
        </ul>
      </div>
    </main>`;
  stop = keepFocus(find('main'));
});

afterEach(() => stop());

const find = (css: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(css);
  if (!found) throw new Error(`there is no ${css}`);
  return found;
};
const pause = (ms = 20) => new Promise((done) => setTimeout(done, ms));
const focused = () => document.activeElement?.textContent?.trim();

test('of a list the next that can be pressed takes the focus, or the one before', async () => {
  find('#two button').focus();
  find('#two').remove();
  await pause();
  expect(focused()).toBe('Four');
  find('#four').remove();
  await pause();
  expect(focused()).toBe('One');
});

test('what comes in the place of what went is the next', async () => {
  find('#one button').focus();
  find('#one').innerHTML = '<p>Done.</p><button>Stop</button>';
  await pause();
  expect(focused()).toBe('Stop');
});

test('a region takes the focus of what was in it, and the screen that of all else', async () => {
  find('#inside').focus();
  find('#words').remove();
  await pause();
  expect(document.activeElement).toBe(find('#region'));
  find('.screen').remove();
  await pause();
  expect(document.activeElement).toBe(find('main'));
});

test('what goes in two steps is found by where the whole was', async () => {
  find('#two button').focus();
  find('#two button').remove();
  await Promise.resolve();
  find('#list').remove();
  await pause();
  expect(document.activeElement).toBe(find('main'));
});

test('what was moved keeps the focus', async () => {
  const button = find('#one button');
  button.focus();
  find('#list').append(find('#one'));
  await pause();
  expect(document.activeElement).toBe(button);
});

test('who has a better place in mind is not disturbed', async () => {
  find('#two button').focus();
  find('#two').remove();
  await Promise.resolve();
  find('#top').focus();
  await pause();
  expect(focused()).toBe('Top');
});

test('what loses the focus in another way, or never had it, leaves it where it is', async () => {
  find('#two').remove();
  await pause();
  expect(document.activeElement).toBe(document.body);
  const button = find('#one button');
  button.focus();
  button.blur();
  await pause();
  find('#one').remove();
  await pause();
  expect(document.activeElement).toBe(document.body);
  find('#rail').focus();
  find('#four').remove();
  await pause();
  expect(focused()).toBe('Plan');
});

test('what cannot be pressed for a moment gets the focus back, and what stays so gives it on', async () => {
  const button = find('#two button') as HTMLButtonElement;
  button.focus();
  // As engines do when they draw the page.
  const shut = () => {
    button.blur();
    button.disabled = true;
  };
  shut();
  expect(document.activeElement).toBe(document.body);
  await pause();
  button.disabled = false;
  await pause();
  expect(document.activeElement).toBe(button);

  shut();
  await expect.poll(() => focused(), { timeout: 5000 }).toBe('Four');
});

test('nothing is done any more once it has ended', async () => {
  stop();
  find('#two button').focus();
  find('#two').remove();
  await pause();
  expect(document.activeElement).toBe(document.body);
});
