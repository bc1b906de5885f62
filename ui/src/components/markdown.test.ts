import { expect, test } from 'vitest';

import { link, render } from './markdown';

const html = (markdown: string) => {
  const box = document.createElement('div');
  box.append(render(markdown));
  return box.innerHTML;
};

test.each([
  ['a script', '<script>alert(1)</script>hi'],
  ['a handler', '<a href="x" onclick="alert(1)">hi</a>'],
  ['a script address', '[hi](javascript:alert(1))'],
  ['a style', '<p style="position:fixed">hi</p><style>*{}</style>'],
  ['a frame', '<iframe src="https://example.org"></iframe>hi'],
  ['a form', '<form action="https://example.org"><button>hi</button></form>'],
  ['a remote image', '![hi](https://example.org/a.png) hi'],
])('%s is left out, the text stays', (_, markdown) => {
  const shown = html(markdown);
  expect(shown).not.toMatch(/script|onclick|style|iframe|form|button|img|alert/);
  expect(shown).toContain('hi');
});

test('tables, code and lists come through', () => {
  expect(html('| a |\n|---|\n| b |')).toContain('<td>b</td>');
  expect(html('```py\nx < 1\n```')).toContain('x &lt; 1');
});

test.each([
  ['app.py', { to: 'file', path: 'app.py', line: null }],
  ['src/a%20b.py#L12', { to: 'file', path: 'src/a b.py', line: 12 }],
  ['#/models', { to: 'screen', hash: '#/models' }],
  ['https://example.org/x', { to: 'web', url: 'https://example.org/x' }],
  ['javascript:alert(1)', { to: 'nowhere' }],
  ['/etc/passwd', { to: 'nowhere' }],
  ['#top', { to: 'nowhere' }],
])('a link to %s', (href, target) => {
  expect(link(href)).toEqual(target);
});
