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
  output: string[];
  cancel(): Promise<unknown>;
}
