// The theme and the contrast, each as chosen or as the system has it. public/theme.js does the same before the first paint.

import { recall, remember } from './memory';

export type Choice = 'system' | 'light' | 'dark';
export type Contrast = 'system' | 'more';

const dark = matchMedia('(prefers-color-scheme: dark)');
const more = matchMedia('(prefers-contrast: more)');

class Theme {
  choice = $state(read<Choice>('theme', ['light', 'dark']));
  contrast = $state(read<Contrast>('contrast', ['more']));

  constructor() {
    for (const system of [dark, more]) system.addEventListener('change', () => this.apply());
  }

  choose(choice: Choice): void {
    this.choice = choice;
    this.keep('theme', choice);
  }

  chooseContrast(contrast: Contrast): void {
    this.contrast = contrast;
    this.keep('contrast', contrast);
  }

  private keep(name: string, choice: Choice | Contrast): void {
    remember(name, choice === 'system' ? null : choice);
    this.apply();
  }

  private apply(): void {
    const { dataset } = document.documentElement;
    dataset.theme = this.choice === 'dark' || (this.choice === 'system' && dark.matches) ? 'dark' : 'light';
    dataset.contrast = this.contrast === 'more' || more.matches ? 'more' : 'plain';
  }
}

function read<Kept extends string>(name: string, known: Exclude<Kept, 'system'>[]): Kept | 'system' {
  return known.find((each) => each === recall(name)) ?? 'system';
}

export const theme = new Theme();
