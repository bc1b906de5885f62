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

export default typescript.config(
  { ignores: ['dist/', 'dist-gallery/', 'src/backend/bindings.gen.ts'] },
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
