// Light, dark or as the system has it. public/theme.js does the same before the first paint.

import { recall, remember } from './memory';

export type Choice = 'system' | 'light' | 'dark';

class Theme {
  choice = $state<Choice>(read());

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.apply());
  }

  choose(choice: Choice): void {
    this.choice = choice;
    remember('theme', choice === 'system' ? null : choice);
    this.apply();
  }

  private apply(): void {
    const dark =
      this.choice === 'dark' || (this.choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }
}

function read(): Choice {
  const kept = recall('theme');
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export const theme = new Theme();
