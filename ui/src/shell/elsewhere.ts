// Work that ends while another screen is shown: told where the learner is, with the way to what came of it.

import { notices } from '../components/notices.svelte';
import { t } from '../language/language';
import { plan } from '../plan/plan.svelte';
import { router, SCREENS, type Screen } from './route.svelte';
import type { Task } from './tasks.svelte';

/** Tells how a task ended, unless its own screen or lab is shown, which says so itself; answers whether it told. */
export function tellElsewhere(task: Task, screen: Screen, lab: string | null = null): boolean {
  const { now } = router;
  const here = now.screen === screen && (lab === null || (now.slug ?? plan.currentSlug) === lab);
  if (here || task.state === 'cancelled') return false;
  const place = plan.card(lab)?.title ?? SCREENS[screen];
  const action = { label: t('shell.goTo', { place }), run: () => router.go(router.to(screen, lab)) };
  // The last line of a lab's start is the installer's.
  const said = lab === null ? task.output.at(-1) : undefined;
  if (task.problem) notices.problem(task.problem, action);
  else notices.done(task.title || place, said ?? t('shell.ended'), action);
  return true;
}
