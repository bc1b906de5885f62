// One subscription to the product's events, heard by whichever parts are on screen.

import { backend, type Event } from '../backend/backend';

type Heard = (event: Event) => void;

const ears = new Set<Heard>();

/** Hears every event until the returned function is called. */
export function hear(heard: Heard): () => void {
  ears.add(heard);
  return () => ears.delete(heard);
}

/** Opens the subscription. Called once, before the first command. */
export function listen(): Promise<() => void> {
  return backend().listen((event) => {
    for (const heard of [...ears]) heard(event);
  });
}
