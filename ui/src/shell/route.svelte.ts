// Which screen shows, kept in the address: `#/plan`, `#/lab/orientation`.

import { t } from '../language/language';

/** The screens with their names, in the order of the rail. */
export const SCREENS = {
  plan: t('shell.screen.plan'),
  lab: t('shell.screen.lab'),
  models: t('shell.screen.models'),
  vectors: t('shell.screen.vectors'),
  containers: t('shell.screen.containers'),
  roadmap: t('shell.screen.roadmap'),
  portfolio: t('shell.screen.portfolio'),
  settings: t('shell.screen.settings'),
};

export type Screen = keyof typeof SCREENS;

export const screens = Object.keys(SCREENS) as Screen[];

export interface Route {
  screen: Screen;
  /** The lab's slug, on the Lab screen. */
  slug: string | null;
}

export function parse(hash: string): Route {
  const [screen = '', slug = ''] = hash.replace(/^#\/?/, '').split('/');
  if (!Object.hasOwn(SCREENS, screen)) return { screen: 'plan', slug: null };
  return { screen: screen as Screen, slug: screen === 'lab' && slug !== '' ? decodeURIComponent(slug) : null };
}

class Router {
  now = $state(parse(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      this.now = parse(location.hash);
    });
  }

  go(hash: string): void {
    location.hash = hash;
  }

  /** Where a screen is found. The Lab screen shows a lab, if there is one. */
  to(screen: Screen, slug: string | null): string {
    return screen === 'lab' && slug ? `#/lab/${encodeURIComponent(slug)}` : `#/${screen}`;
  }
}

export const router = new Router();
