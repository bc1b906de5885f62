// The Models screen's facts, shared with the header, which shows the device.

import { backend, problemOf, type Models, type Problem } from '../backend/backend';

class ModelsStore {
  models = $state<Models | null>(null);
  problem = $state<Problem | null>(null);

  async load(): Promise<void> {
    try {
      this.models = await backend().models();
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }
}

export const models = new ModelsStore();
