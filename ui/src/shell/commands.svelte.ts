// What can be done from anywhere, by the palette and by keys.

import { backend } from '../backend/backend';
import { notices } from '../components/notices.svelte';
import { plan } from '../plan/plan.svelte';
import { router, SCREENS, screens } from './route.svelte';
import { theme, type Choice } from './theme.svelte';

export type Group = 'Screens' | 'This lab' | 'Labs' | 'Window';

export interface Command {
  id: string;
  group: Group;
  title: string;
  /** Beside the title: `Day 4`. */
  note: string;
  /** `mod+k` */
  keys: string | null;
  run: () => void;
}

class Overlay {
  shown = $state<'palette' | 'shortcuts' | null>(null);

  close(): void {
    this.shown = null;
  }
}

export const overlay = new Overlay();

const THEMES: Record<Choice, string> = {
  system: 'Theme as the system has it',
  light: 'Light theme',
  dark: 'Dark theme',
};

/** As things stand now: a lab's own commands are there while it is open and started. */
export function commands(): Command[] {
  const ask = (work: Promise<unknown>) => void notices.watch(work);
  const places = screens.map((screen, at): Command => {
    const run = () => router.go(router.to(screen, plan.currentSlug));
    return { id: screen, group: 'Screens', title: SCREENS[screen], note: '', keys: `mod+${at + 1}`, run };
  });
  const labs = plan.labs
    .filter((lab) => lab.state !== 'not_in_pack')
    .map((lab): Command => {
      const note = lab.fromDay === lab.toDay ? `Day ${lab.fromDay}` : `Days ${lab.fromDay}–${lab.toDay}`;
      const run = () => router.go(router.to('lab', lab.slug));
      return { id: `lab ${lab.slug}`, group: 'Labs', title: lab.title, note, keys: null, run };
    });
  const here = router.now.screen === 'lab' ? plan.card(router.now.slug ?? plan.currentSlug) : null;
  const own: [string, string, string, (slug: string) => void][] = [
    ['check', 'Run all checks', 'mod+enter', (slug) => ask(backend().checkLab(slug))],
    ['edit', 'Open in editor', 'mod+e', (slug) => ask(backend().openEditor(slug, null, null))],
  ];
  const started = here && (here.state === 'in_progress' || here.state === 'done') ? here.slug : null;
  const lab = own.map(([id, title, keys, run]): Command | null =>
    started === null ? null : { id, group: 'This lab', title, note: '', keys, run: () => run(started) },
  );
  const themes = Object.entries(THEMES).map(([choice, title]): Command => {
    const run = () => theme.choose(choice as Choice);
    return { id: `theme ${choice}`, group: 'Window', title, note: '', keys: null, run };
  });
  const window: [string, string, string, typeof overlay.shown][] = [
    ['palette', 'Find a command', 'mod+k', 'palette'],
    ['shortcuts', 'Keyboard shortcuts', 'mod+/', 'shortcuts'],
  ];
  const help = window.map(([id, title, keys, shown]): Command => {
    return { id, group: 'Window', title, note: '', keys, run: () => (overlay.shown = shown) };
  });
  return [...lab.filter((each) => each !== null), ...places, ...labs, ...themes, ...help];
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
