/** One of several things that a step is made of, side by side. */
export interface Part {
  name: string;
  /** What is done to it now. */
  what: string;
  /** From 0 to 1. */
  share: number;
}

/** Long work as it is drawn while it runs. */
export interface Task {
  title: string;
  /** What it does now. */
  what: string;
  /** From 0 to 1; `null` where the end is not known. */
  share: number | null;
  done: number;
  total: number | null;
  /** `bytes`, or what is counted. */
  unit: string;
  /** Of the step that it does now. */
  parts: Part[];
  output: string[];
  cancel(): Promise<unknown>;
}
