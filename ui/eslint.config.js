import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

const shell = {
  group: ['@tauri-apps/*'],
  message: 'Only src/backend/ knows Tauri: go through backend().',
};
const inside = {
  group: ['**/backend/*', '!**/backend/backend', '!**/backend/fake'],
  message: 'Import from backend/backend: the rest of that folder is its own business.',
};
const below = {
  regex: '^\\.\\./(?!(styles|language)/)',
  message: 'Components know nothing of the product: they import each other, styles and language alone.',
};

const word = '/\\p{L}{2}/u';
const told = '/^(aria-label|aria-valuetext|alt|confirm|empty|label|placeholder|retryLabel|text|title|what)$/';
const spoken = { message: 'What the window says stands in src/language/en/: t(…).' };

export default typescript.config(
  { ignores: ['dist/', 'dist-demo/', 'dist-gallery/', 'src/backend/bindings.gen.ts'] },
  js.configs.recommended,
  typescript.configs.strict,
  svelte.configs.recommended,
  svelte.configs.prettier,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      'no-restricted-imports': ['error', { patterns: [shell, inside] }],
      // TypeScript knows better.
      'no-undef': 'off',
    },
  },
  {
    files: ['src/backend/**'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['src/components/**'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [shell, below] }] },
  },
  {
    files: ['**/*.svelte'],
    ignores: ['src/gallery/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: `:not(SvelteStyleElement) > SvelteText[value=${word}]`, ...spoken },
        // An address looks the same in every language.
        {
          selector: `SvelteAttribute[key.name=${told}] > SvelteLiteral[value=${word}]:not([value=/:\\/\\//])`,
          ...spoken,
        },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: {
        parser: typescript.parser,
        extraFileExtensions: ['.svelte'],
        svelteConfig,
      },
    },
  },
);
