// Tells the product once how long the start took: when the first content was painted and when the Plan could be used.

import { tick } from 'svelte';

import { backend } from '../backend/backend';

let told = false;

/** Call when the Plan is on screen. Later calls do nothing. */
export async function planIsUsable(): Promise<void> {
  if (told) return;
  told = true;
  await drawn();
  const usable = performance.now();
  const painted = await firstContentfulPaint();
  const paintedAt = performance.timeOrigin + painted;
  const usableAt = performance.timeOrigin + Math.max(usable, painted);
  // A figure for the log: nobody is told when it cannot be kept.
  await backend()
    .reportStart(paintedAt, usableAt)
    .catch(() => undefined);
}

/** When what the page holds now has been painted: the first moment after the next frame. */
export async function drawn(): Promise<void> {
  await tick();
  await new Promise((frame) => requestAnimationFrame(frame));
  await new Promise((painted) => setTimeout(painted));
}

/** Milliseconds from the page's start; this moment where the webview does not time its paints. */
function firstContentfulPaint(): Promise<number> {
  const now = performance.now();
  return new Promise((answer) => {
    if (typeof PerformanceObserver === 'undefined') return answer(now);
    const timer = setTimeout(() => answer(now), 2000);
    const observer = new PerformanceObserver((list) => {
      const [paint] = list.getEntriesByName('first-contentful-paint');
      if (!paint) return;
      clearTimeout(timer);
      observer.disconnect();
      answer(paint.startTime);
    });
    observer.observe({ type: 'paint', buffered: true });
  });
}
