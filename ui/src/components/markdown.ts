// Markdown to safe elements. Loaded with the first screen that shows any, so the start does not pay for it.

import DOMPurify from 'dompurify';
import { marked } from 'marked';

/** Text from a pack, a learner or a model: no scripts, no styles, no forms, no frames, no remote images. */
export function render(markdown: string): DocumentFragment {
  const html = marked.parse(markdown, { async: false, gfm: true });
  return DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'button', 'textarea', 'select', 'img', 'video', 'audio', 'picture', 'source'],
    FORBID_ATTR: ['style', 'id', 'name', 'srcset'],
    ALLOW_DATA_ATTR: false,
  });
}

export type Link =
  | { to: 'screen'; hash: string }
  | { to: 'web'; url: string }
  | { to: 'file'; path: string; line: number | null }
  | { to: 'nowhere' };

/** Where a link in a guide leads: a screen of ours, an address, or a file of the workspace with a line (`app.py#L12`). */
export function link(href: string): Link {
  if (href.startsWith('#/')) return { to: 'screen', hash: href };
  if (/^https?:\/\//i.test(href)) return { to: 'web', url: href };
  if (/^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith('#') || href.startsWith('/') || href === '') {
    return { to: 'nowhere' };
  }
  const [path = '', fragment = ''] = href.split('#');
  const line = /^L(\d+)$/.exec(fragment)?.[1];
  return { to: 'file', path: decodeURIComponent(path), line: line === undefined ? null : Number(line) };
}
