import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet, tick } from 'svelte';
import { expect, test, vi } from 'vitest';

import { expectAccessible } from '../test.accessible';
import LongList from './LongList.svelte';

const HEIGHT = 20;
const row = createRawSnippet<[string]>((item) => ({ render: () => `<button>${item()}</button>` }));
const names = (count: number) => Array.from({ length: count }, (_, at) => `row ${at}`);
const open = (items: string[]) => render(LongList<string>, { items, key: (item) => item, height: HEIGHT, row });

const drawn = () => screen.getAllByRole('listitem');
const button = (name: string) => screen.getByRole('button', { name });
const focused = () => document.activeElement?.textContent;

/** As if the list were scrolled so far: jsdom lays nothing out. */
async function scroll(pixels: number) {
  vi.spyOn(screen.getByRole('list'), 'getBoundingClientRect').mockReturnValue(new DOMRect(0, -pixels, 300, 0));
  document.dispatchEvent(new Event('scroll'));
  await tick();
}

test('of ten thousand rows those in sight are drawn, each with its place among all', async () => {
  const { rerender } = open(names(10_000));
  expect(drawn().length).toBeLessThan(100);
  await scroll(5000 * HEIGHT);
  expect(button('row 5000')).toBeTruthy();
  expect(drawn().length).toBeLessThan(100);
  const places = drawn().map((each) => [each.getAttribute('aria-posinset'), each.getAttribute('aria-setsize')]);
  expect([places[0], places.at(-1)]).toEqual([
    ['1', '10000'],
    ['10000', '10000'],
  ]);
  // What is not drawn keeps its room.
  const gaps = drawn().reduce((sum, each) => sum + parseFloat(each.style.marginTop), 0);
  expect(gaps + drawn().length * HEIGHT).toBe(10_000 * HEIGHT);
  await expectAccessible();
  await rerender({ items: names(2) });
  expect(drawn().map((each) => each.textContent)).toEqual(['row 0', 'row 1']);
  await rerender({ items: [] });
  expect(screen.queryAllByRole('listitem')).toEqual([]);
});

test('Tab goes from row to row beyond those that were drawn, and back from behind the list to the last', async () => {
  const user = userEvent.setup();
  open(names(10_000));
  const first = drawn().length;
  for (let row = 0; row < first + 20; row++) await user.tab();
  expect(focused()).toBe(`row ${first + 19}`);

  const after = document.body.appendChild(document.createElement('button'));
  after.focus();
  await user.tab({ shift: true });
  expect(focused()).toBe('row 9999');
  for (let row = 0; row < 20; row++) await user.tab({ shift: true });
  expect(focused()).toBe('row 9979');
  after.remove();
});

test('what has the focus keeps it, however far it is scrolled away and whatever comes before it', async () => {
  const { rerender } = open(names(10_000));
  button('row 3').focus();
  await scroll(9000 * HEIGHT);
  expect(focused()).toBe('row 3');
  expect(button('row 9000')).toBeTruthy();
  await rerender({ items: ['new', ...names(10_000)] });
  expect(focused()).toBe('row 3');
  expect(document.activeElement?.closest('li')?.getAttribute('aria-posinset')).toBe('5');
});

test('rows that turn out higher than they were taken for do not move what is read', async () => {
  let measure: (rows: Element[]) => void = () => undefined;
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(told: ResizeObserverCallback) {
        measure = (rows) =>
          told(
            rows.map((target) => ({ target }) as unknown as ResizeObserverEntry),
            this as never,
          );
      }
      observe() {}
      unobserve() {}
    },
  );
  const scroller = document.body.appendChild(document.createElement('div'));
  scroller.style.overflowY = 'auto';
  Object.defineProperty(scroller, 'scrollHeight', { value: 200_000 });
  scroller.getBoundingClientRect = () => new DOMRect(0, 100, 300, 400);
  render(LongList<string>, {
    target: scroller,
    props: { items: names(10_000), key: (item) => item, height: HEIGHT, row },
  });
  await scroll(5000 * HEIGHT);
  scroller.scrollTop = 5000 * HEIGHT;
  const at = (name: string, top: number, height: number) => {
    const found = button(name).closest('li') as HTMLElement;
    found.getBoundingClientRect = () => new DOMRect(0, top, 300, height);
    return found;
  };
  measure([at('row 5000', 60, 30), at('row 5010', 300, 50)]);
  expect(scroller.scrollTop).toBe(5000 * HEIGHT + 10);
  await new Promise(requestAnimationFrame);
  // A measured row keeps its height once it is out of sight.
  await scroll(0);
  const last = drawn().at(-1);
  expect(parseFloat(last?.style.marginTop ?? '')).toBe((10_000 - drawn().length) * HEIGHT + 10 + 30);
  scroller.remove();
  vi.unstubAllGlobals();
});
