// The axes of the curve.

/** A logarithmic axis over these times, in milliseconds: where on it each is, 0 to 1, and its marks. */
export function timeScale(millis: number[]): { share: (millis: number) => number; ticks: number[] } {
  const shown = millis.filter((each) => each > 0);
  const [low, high] = shown.length > 0 ? [Math.min(...shown) / 1.3, Math.max(...shown) * 1.3] : [0.1, 10];
  const share = (each: number) => Math.log(Math.max(each, low) / low) / Math.log(high / low);
  const marks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    // By division below one: 3 * 0.1 is not 0.3.
    for (const first of [1, 3]) marks.push(power < 0 ? first / 10 ** -power : first * 10 ** power);
  }
  return { share, ticks: marks.filter((each) => each >= low && each <= high) };
}

/** Marks of recall from `least` to 1: five at most. */
export function ticks(least: number): number[] {
  const step = [0.02, 0.05, 0.1, 0.2].find((each) => (1 - least) / each <= 5.01) ?? 0.25;
  const marks = [];
  for (let mark = 1; mark >= least - 1e-9; mark -= step) marks.push(Math.round(mark * 100) / 100);
  return marks;
}
