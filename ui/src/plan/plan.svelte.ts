// The plan, read once and again whenever something that it counts has changed.

import { backend, problemOf, type Event, type LabCard, type Phase, type Plan, type Problem } from '../backend/backend';
import { recall, remember } from '../shell/memory';

class PlanStore {
  plan = $state<Plan | null>(null);
  problem = $state<Problem | null>(null);
  #lastLab = $state(recall('lab'));
  #again: ReturnType<typeof setTimeout> | undefined;
  /** The reading that nobody has waited for yet. */
  #begun: Promise<void> | null = null;

  /** Reads the plan before there is a window to show it; the first `load` goes on from that. */
  begin(): void {
    this.#begun = this.#read();
  }

  load(): Promise<void> {
    const begun = this.#begun;
    this.#begun = null;
    return begun ?? this.#read();
  }

  async #read(): Promise<void> {
    try {
      this.plan = await backend().plan();
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  apply(event: Event): void {
    if (event.type !== 'report_finished' && event.type !== 'workspace_changed') return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.load(), 150);
  }

  get labs(): LabCard[] {
    return this.plan?.phases.flatMap((phase) => phase.labs) ?? [];
  }

  /** The lab that the rail leads to: the one opened last, else today's. */
  get currentSlug(): string | null {
    const here = (slug: string | null | undefined) =>
      this.labs.some((lab) => lab.slug === slug && lab.state !== 'not_in_pack') ? (slug ?? null) : null;
    return (
      here(this.#lastLab) ??
      here(this.plan?.today) ??
      this.labs.find((lab) => lab.state !== 'not_in_pack')?.slug ??
      null
    );
  }

  opened(slug: string): void {
    this.#lastLab = slug;
    remember('lab', slug);
  }

  phaseOf(slug: string | null | undefined): Phase | null {
    return this.plan?.phases.find((phase) => phase.labs.some((lab) => lab.slug === slug)) ?? null;
  }

  card(slug: string | null | undefined): LabCard | null {
    return this.labs.find((lab) => lab.slug === slug) ?? null;
  }
}

export const plan = new PlanStore();
