// How large everything is drawn, in the steps of browsers. Kept for the next start.

import { backend } from '../backend/backend';
import { notices } from '../components/notices.svelte';
import { recall, remember } from './memory';

/** Percent. */
const STEPS = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200];
const USUAL = 100;

class Zoom {
  percent = $state(STEPS.find((step) => String(step) === recall('zoom')) ?? USUAL);

  /** As it was left. */
  begin(): void {
    if (!this.isUsual) this.draw();
  }

  /** The step above, where there is one. */
  get next(): number | undefined {
    return STEPS.find((step) => step > this.percent);
  }

  get previous(): number | undefined {
    return STEPS.findLast((step) => step < this.percent);
  }

  get isUsual(): boolean {
    return this.percent === USUAL;
  }

  larger(): void {
    this.set(this.next);
  }

  smaller(): void {
    this.set(this.previous);
  }

  usual(): void {
    this.set(USUAL);
  }

  private set(percent = this.percent): void {
    this.percent = percent;
    remember('zoom', percent === USUAL ? null : String(percent));
    this.draw();
  }

  private draw(): void {
    void notices.watch(backend().zoom(this.percent));
  }
}

export const zoom = new Zoom();
