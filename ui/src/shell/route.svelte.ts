// Which screen shows, kept in the address: `#/plan`, `#/lab/orientation`.

export type Screen = 'plan' | 'lab' | 'models' | 'vectors' | 'containers' | 'portfolio' | 'settings';

export interface Route {
  screen: Screen;
  /** The lab's slug, on the Lab screen. */
  slug: string | null;
}

const SCREENS: readonly string[] = [
  'plan',
  'lab',
  'models',
  'vectors',
  'containers',
  'portfolio',
  'settings',
] satisfies Screen[];

export function parse(hash: string): Route {
  const [screen = '', slug = ''] = hash.replace(/^#\/?/, '').split('/');
  if (!SCREENS.includes(screen)) return { screen: 'plan', slug: null };
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
}

export const router = new Router();
