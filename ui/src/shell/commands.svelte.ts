// What can be done from anywhere, by the palette and by keys.

import { days } from '../components/format';
import { notices } from '../components/notices.svelte';
import { t } from '../language/language';
import { plan } from '../plan/plan.svelte';
import { offers, press } from './offer';
import { router, SCREENS, screens, type Screen } from './route.svelte';
import { theme, type Choice, type Contrast } from './theme.svelte';
import { zoom } from './zoom.svelte';

export interface Command {
  id: string;
  /** The name of what it belongs to. */
  group: string;

  title: string;
  /** Beside the title: `Day 4`. */
  note: string;
  /** `mod+k` */
  keys: string | null;
  /** Whether it would do anything now. */
  applies: boolean;
  /** What does it on the page. */
  control: HTMLElement | null;
  run: () => void;
}

class Overlay {
  shown = $state<'palette' | 'shortcuts' | null>(null);

  /** A dialog tells late that it has closed: another one may be there by then. */
  close(which: typeof this.shown): void {
    if (this.shown === which) this.shown = null;
  }
}

export const overlay = new Overlay();

const THEMES: Record<Choice, string> = {
  system: t('shell.command.system'),
  light: t('shell.command.light'),
  dark: t('shell.command.dark'),
};

const CONTRASTS: Record<Contrast, string> = {
  system: t('shell.command.contrast.system'),
  more: t('shell.command.contrast.more'),
};

const GROUPS = {
  here: t('shell.group.here'),
  actions: t('shell.group.actions'),
  screens: t('shell.group.screens'),
  labs: t('shell.group.labs'),
  window: t('shell.group.window'),
};

/** What other screens offer, by the titles that they offer it by. */
const AFAR: [Screen, string][] = [
  ['models', t('shell.command.model')],
  ['vectors', t('shell.command.collection')],
  ['containers', t('shell.command.cleanUp')],
  ['portfolio', t('shell.command.writeUp')],
];

/** As things stand now: what the screen that is shown offers comes first. */
export function commands(): Command[] {
  const command = (group: string, id: string, title: string, run: () => void, more: Partial<Command> = {}): Command => {
    return { id, group, title, note: '', keys: null, applies: true, control: null, run, ...more };
  };
  const go = (screen: Screen) => router.go(router.to(screen, plan.currentSlug));
  const shown = router.now.screen;
  const today = plan.card(plan.plan?.today);
  return [
    ...offers().map(({ title, run, keys, control }, at) =>
      command(GROUPS.here, `here ${at}`, title, run, { keys, control }),
    ),
    ...(today
      ? [
          command(GROUPS.actions, 'today', t('shell.command.today', { lab: today.title }), () =>
            router.go(router.to('lab', today.slug)),
          ),
        ]
      : []),
    ...AFAR.map(([screen, title]) =>
      command(GROUPS.actions, `at ${screen}`, title, () => (go(screen), press(title)), { applies: screen !== shown }),
    ),
    // It looks as soon as its screen is there.
    command(GROUPS.actions, 'doctor', t('shell.command.doctor'), () => go('settings'), {
      applies: shown !== 'settings',
    }),
    ...screens.map((screen, at) =>
      command(GROUPS.screens, screen, SCREENS[screen], () => go(screen), { keys: `mod+${at + 1}` }),
    ),
    ...plan.labs
      .filter((lab) => lab.state !== 'not_in_pack')
      .map((lab) =>
        command(GROUPS.labs, `lab ${lab.slug}`, lab.title, () => router.go(router.to('lab', lab.slug)), {
          note: days(lab.fromDay, lab.toDay),
        }),
      ),
    ...Object.entries(THEMES).map(([choice, title]) =>
      command(GROUPS.window, `theme ${choice}`, title, () => theme.choose(choice as Choice), {
        applies: theme.choice !== choice,
      }),
    ),
    ...Object.entries(CONTRASTS).map(([contrast, title]) =>
      command(GROUPS.window, `contrast ${contrast}`, title, () => theme.chooseContrast(contrast as Contrast), {
        applies: theme.contrast !== contrast,
      }),
    ),
    command(GROUPS.window, 'larger', t('shell.command.larger'), () => zoom.larger(), {
      keys: 'mod+plus',
      applies: zoom.next !== undefined,
    }),
    command(GROUPS.window, 'smaller', t('shell.command.smaller'), () => zoom.smaller(), {
      keys: 'mod+minus',
      applies: zoom.previous !== undefined,
    }),
    command(GROUPS.window, 'usual', t('shell.command.usual'), () => zoom.usual(), {
      keys: 'mod+0',
      applies: !zoom.isUsual,
    }),
    command(GROUPS.window, 'dismiss', t('shell.command.dismiss'), () => notices.dismissNewest(), {
      keys: 'mod+d',
      applies: notices.list.length > 0,
    }),
    command(GROUPS.window, 'palette', t('shell.command.palette'), () => (overlay.shown = 'palette'), {
      keys: 'mod+k',
      // It leads there itself.
      applies: false,
    }),
    command(GROUPS.window, 'shortcuts', t('shell.command.shortcuts'), () => (overlay.shown = 'shortcuts'), {
      keys: 'mod+/',
    }),
  ];
}

/** Those that have every typed word at the beginning of a word of theirs, the group's name among them; the closest titles first. */
export function matching(all: Command[], typed: string): Command[] {
  const words = typed
    .toLowerCase()
    .split(/[\s-]+/)
    .filter(Boolean);
  const rank = ({ title, note, group }: Command): number => {
    const own = title.toLowerCase().split(/[\s-]+/);
    const others = `${note} ${group}`.toLowerCase().split(/\s+/);
    const at = words.map((word) => {
      const index = own.findIndex((each) => each.startsWith(word));
      return index >= 0 ? index : others.some((each) => each.startsWith(word)) ? 100 : Infinity;
    });
    return at.reduce((sum, each) => sum + each, 0);
  };
  const ranked = all.map((command) => ({ command, rank: rank(command) })).filter((each) => each.rank < Infinity);
  return ranked.sort((a, b) => a.rank - b.rank).map(({ command }) => command);
}
