// The page must run under a policy without inline scripts and styles.

import { expect, test } from 'vitest';

import page from '../index.html?raw';

test('index.html has no inline script or style', () => {
  expect(page).not.toMatch(/<style|style=|\son\w+=/);
  for (const [, attributes, body] of page.matchAll(/<script([^>]*)>([^<]*)/g)) {
    expect(attributes).toContain('src=');
    expect(body).toBe('');
  }
});
