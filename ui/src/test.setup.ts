// What jsdom lacks and the webview has.

import { cleanup, configure } from '@testing-library/svelte';
import { afterEach } from 'vitest';

import { notices } from './components/notices.svelte';

// The message says what was looked for; the whole page would bury it. The machine may be busy with other tests.
configure({ asyncUtilTimeout: 10_000, getElementError: (message) => new Error(message ?? 'not found') });

window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener() {},
    removeEventListener() {},
    addListener() {},
    removeListener() {},
  }) as unknown as MediaQueryList;

document.adoptedStyleSheets ??= [];
CSSStyleSheet.prototype.replaceSync ??= () => {};

window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

globalThis.CSS ??= { escape: (text: string) => text.replace(/[^\w-]/g, '\\$&') } as typeof CSS;

HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
  this.open = false;
  this.dispatchEvent(new Event('close'));
};

afterEach(() => {
  cleanup();
  localStorage.clear();
  location.hash = '';
  notices.list = [];
});
