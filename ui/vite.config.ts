import { readFileSync } from 'node:fs';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import compileMessage from 'icu-minify/compile';
import type { BuildOptions, Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// `vite preview` serves the build under the window's own policy, so that what breaks it shows in a browser too.
const window = JSON.parse(readFileSync(new URL('../src-tauri/tauri.conf.json', import.meta.url), 'utf8')) as {
  app: { security: { csp: string } };
};

// Three places of xterm.js that the window's own rules break. It freezes `Object.prototype`: an object without a `toString` of
// its own cannot be given one by `=`. And its policy allows no style attribute: rows have to be made by the document that
// the terminal was given (src/lab/terminal/strict.ts), as all else is.
const MENDS: [RegExp, string][] = [
  [/(\w+)\.toString=(\w+);/, 'Object.defineProperty($1,"toString",{value:$2});'],
  [/createInstance\((\w+),document\)/, 'createInstance($1,this._document)'],
  [/this\._document\?\?typeof window<"u"\?window\.document:null/, 'this._document'],
];

const xterm: Plugin = {
  name: 'xterm',
  apply: 'build',
  transform(code, id) {
    if (!id.endsWith('/@xterm/xterm/lib/xterm.mjs')) return null;
    for (const [found, mended] of MENDS) {
      if (code.match(new RegExp(found, 'g'))?.length !== 1)
        this.error(`xterm.js has not one place like ${found.source}`);
      code = code.replace(found, mended);
    }
    return { code, map: null };
  },
};

// The catalogue's messages are parsed here, once, so that the window carries no parser. A message that is not written as
// ICU MessageFormat asks breaks the build.
const catalogue: Plugin = {
  name: 'catalogue',
  transform(code, id) {
    if (!/\/src\/language\/en\/\w+\.ts$/.test(id)) return null;
    const messages: { start: number; end: number; value?: unknown }[] = [];
    JSON.stringify(this.parse(code), (_, node: { type?: string; value: (typeof messages)[number] } | null) => {
      if (node?.type === 'Property') messages.push(node.value);
      return node;
    });
    for (const { start, end, value } of messages.reverse()) {
      if (typeof value !== 'string') this.error('a message of the catalogue is one plain string', start);
      code = code.slice(0, start) + JSON.stringify(compileMessage(value)) + code.slice(end);
    }
    return { code, map: null };
  },
};

// The style sheet is asked for before the scripts, so that the page's own frame can be painted while they come.
const sheetFirst: Plugin = {
  name: 'sheet-first',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (page) => page.replace(/( *<script type="module".*?)( *<link rel="stylesheet"[^\n]*\n)/s, '$2$1'),
  },
};

const product: BuildOptions = {
  // What the first screen needs comes in one file, and what most others share in a second; not in one for each module
  // that two screens share.
  rolldownOptions: {
    output: {
      codeSplitting: {
        groups: [
          {
            name: 'start',
            test: /node_modules\/(svelte|@tauri-apps|esm-env|clsx|icu-minify)\/|src\/(styles|language\/(?!Phrase|en\/(?!components|plan|shell|units))|shell\/(?!Palette|Shortcuts)|plan\/(?!BurnUp|lines)|backend\/(?!fake)|models\/models\.|components\/(Bar|Icon|icons|Inline|Notices|notices|ProblemNote|problem|Wait|format)\.)/,
          },
          {
            name: 'shared',
            test: /src\/(language\/(Phrase|en\/resources)|roadmap\/ResourceList|components\/(Copy|clipboard|Dialog|path|Tabs|TaskLine|TaskProgress))\./,
          },
        ],
      },
    },
  },
  license: { fileName: 'licences/libraries.md' },
};

// The components by themselves, for who works on them: `npm run gallery:build`.
const gallery: BuildOptions = { outDir: 'dist-gallery', rolldownOptions: { input: 'gallery.html' } };

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), xterm, catalogue, sheetFirst],
  build: {
    target: ['es2022', 'safari16.4'],
    // The policy allows no `data:` fonts and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    ...(mode === 'gallery' ? gallery : product),
    ...(mode === 'demo' && { outDir: 'dist-demo' }),
  },
  preview: { headers: { 'Content-Security-Policy': window.app.security.csp } },
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test.setup.ts'],
    // Else style sheets are empty, also as text.
    css: { include: [/tokens\.css/] },
    restoreMocks: true,
    // Only what hangs takes so long, also on a busy machine.
    testTimeout: 30_000,
  },
}));
