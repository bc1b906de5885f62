// The page must run under a policy without inline scripts and styles, and has something to show before any script.

import { screen } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';

import page from '../index.html?raw';
import { provide } from './backend/backend';
import { fake } from './backend/fake';

// As in the product's window, where the backend is there.
vi.mock('./backend/backend', async (original) => ({ ...(await original()), choose: () => Promise.resolve(true) }));

test('index.html has no inline script or style', () => {
  expect(page).not.toMatch(/<style|style=|\son\w+=/);
  for (const [, attributes, body] of page.matchAll(/<script([^>]*)>([^<]*)/g)) {
    expect(attributes).toContain('src=');
    expect(body).toBe('');
  }
});

test('the window takes the place of the page’s frame, and reads the plan once, before it is drawn', async () => {
  const scripted = fake(new URLSearchParams({ pace: '0' }));
  const drawn: (string | undefined)[] = [];
  provide({
    ...scripted,
    plan: () => {
      drawn.push(document.getElementById('app')?.firstElementChild?.className);
      return scripted.plan();
    },
  });
  document.body.innerHTML = /<body>(.*)<\/body>/s.exec(page)?.[1] ?? '';
  expect(document.getElementById('app')?.textContent.trim()).toBe('Groundwork');
  await import('./main');
  expect(document.querySelector('.frame')).toBeNull();
  await screen.findByRole('heading', { name: 'Foundation' });
  expect(document.getElementById('app')?.querySelectorAll('main')).toHaveLength(1);
  expect(drawn).toEqual(['frame']);
});
