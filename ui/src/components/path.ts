// Paths as a person types them.

/** A path from the root on: the window has no folder that another could begin at. */
export function isWhole(path: string): boolean {
  return /^(\/|\\\\|[A-Za-z]:[\\/])./.test(path.trim());
}
