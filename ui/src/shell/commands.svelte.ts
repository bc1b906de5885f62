// What can be done from anywhere, by the palette and by keys.

import { backend } from '../backend/backend';
import { days } from '../components/format';
import { notices } from '../components/notices.svelte';
import { t } from '../language/language';
import { plan } from '../plan/plan.svelte';
import { router, SCREENS, screens } from './route.svelte';
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
  screens: t('shell.group.screens'),
  lab: t('shell.group.lab'),
  labs: t('shell.group.labs'),
  window: t('shell.group.window'),
};

/** As things stand now: a lab's own commands are there while it is open and started. */
export function commands(): Command[] {
  const command = (group: string, id: string, title: string, run: () => void, keys: string | null = null): Command => {
    return { id, group, title, note: '', keys, run };
  };
  const here = router.now.screen === 'lab' ? plan.card(router.now.slug ?? plan.currentSlug) : null;
  const own = (slug: string) => [
    command(
      GROUPS.lab,
      'check',
      t('shell.command.check'),
      () => void notices.watch(backend().checkLab(slug)),
      'mod+enter',
    ),
    command(
      GROUPS.lab,
      'edit',
      t('shell.command.edit'),
      () => void notices.watch(backend().openEditor(slug, null, null)),
      'mod+e',
    ),
  ];
  return [
    ...(here?.state === 'in_progress' || here?.state === 'done' ? own(here.slug) : []),
    ...screens.map((screen, at) => {
      const go = () => router.go(router.to(screen, plan.currentSlug));
      return command(GROUPS.screens, screen, SCREENS[screen], go, `mod+${at + 1}`);
    }),
    ...plan.labs
      .filter((lab) => lab.state !== 'not_in_pack')
      .map((lab) => ({
        ...command(GROUPS.labs, `lab ${lab.slug}`, lab.title, () => router.go(router.to('lab', lab.slug))),
        note: days(lab.fromDay, lab.toDay),
      })),
    ...Object.entries(THEMES).map(([choice, title]) =>
      command(GROUPS.window, `theme ${choice}`, title, () => theme.choose(choice as Choice)),
    ),
    ...Object.entries(CONTRASTS).map(([contrast, title]) =>
      command(GROUPS.window, `contrast ${contrast}`, title, () => theme.chooseContrast(contrast as Contrast)),
    ),
    command(GROUPS.window, 'larger', t('shell.command.larger'), () => zoom.larger(), 'mod+plus'),
    command(GROUPS.window, 'smaller', t('shell.command.smaller'), () => zoom.smaller(), 'mod+minus'),
    command(GROUPS.window, 'usual', t('shell.command.usual'), () => zoom.usual(), 'mod+0'),
    command(GROUPS.window, 'dismiss', t('shell.command.dismiss'), () => notices.dismissNewest(), 'mod+d'),
    command(GROUPS.window, 'palette', t('shell.command.palette'), () => (overlay.shown = 'palette'), 'mod+k'),
    command(GROUPS.window, 'shortcuts', t('shell.command.shortcuts'), () => (overlay.shown = 'shortcuts'), 'mod+/'),
  ];
}

/** Those that have every typed word at the beginning of a word of theirs, the group's name among them; the closest titles first. */
export function matching(all: Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
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
