// The product's own window: generated commands, with a refusal thrown instead of returned.

import type { Backend } from './backend';
import { commands, events, type Problem } from './bindings.gen';
import { Refused } from './problem';

function throwing(command: (...given: never[]) => Promise<unknown>) {
  return async (...given: never[]) => {
    const answer = await command(...given);
    // A command that cannot be refused answers without a status.
    if (!isResult(answer)) return answer;
    if (answer.status === 'error') throw new Refused(answer.error);
    return answer.data;
  };
}

type Result = { status: 'ok'; data: unknown } | { status: 'error'; error: Problem };

function isResult(answer: unknown): answer is Result {
  return typeof answer === 'object' && answer !== null && 'status' in answer && ('data' in answer || 'error' in answer);
}

export const tauri = {
  ...Object.fromEntries(Object.entries(commands).map(([name, command]) => [name, throwing(command)])),
  listen: (heard) => events.happening.listen((event) => heard(event.payload)),
  onCalled: (called) => events.called.listen(called),
} as Backend;
