// What is looked at and how, in the address: `#/Bar?palette=dark+more&width=narrow`.

import { PALETTES, type Palette } from '../styles/tokens';
import { pages } from './pages';

export const WIDTHS = ['full', 'medium', 'narrow'] as const;
export type Width = (typeof WIDTHS)[number];

class Look {
  page = $state('Tokens');
  palette = $state<Palette>('light');
  width = $state<Width>('full');

  /** Takes what the address says; what it does not say is as at first. */
  read(): void {
    const [name = '', query] = location.hash.replace(/^#\//, '').split('?');
    const asked = new URLSearchParams(query);
    this.page = name in pages ? name : 'Tokens';
    this.palette = PALETTES.find((each) => each === asked.get('palette')) ?? 'light';
    this.width = WIDTHS.find((each) => each === asked.get('width')) ?? 'full';
    const [theme, contrast = 'plain'] = this.palette.split(' ');
    Object.assign(document.documentElement.dataset, { theme, contrast });
  }

  /** The address of a page, seen as this one is. */
  to(page: string, { palette = this.palette, width = this.width } = {}): string {
    return `#/${page}?${new URLSearchParams({ palette, width })}`;
  }
}

export const look = new Look();
