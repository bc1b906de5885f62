// Scenes that are another one with something taken away, refused or drawn out.

import type { Fake } from '../fake';
import { Refused } from '../problem';
import { failed, consent } from './facts';
import { drawnOut, longer, shorter } from './long';
import { offline } from './offline';

type Command = (...given: unknown[]) => Promise<unknown>;

/** What the window goes on with, whatever becomes of the other commands. */
const OWN = ['emit', 'call', 'listen', 'onCalled', 'takePlace', 'zoom', 'reportStart'];

/** Each command as `change` makes it. */
function all(usual: Fake, change: (command: Command) => Command): Fake {
  const commands = Object.entries(usual).map(([name, command]) => {
    return [name, OWN.includes(name) ? command : change(command as Command)];
  });
  return Object.fromEntries(commands) as Fake;
}

const nothing = async () => [];

const noRows = {
  ...{ stacks: nothing, images: nothing, leftovers: nothing, containerFiles: nothing },
  ...{ doctor: nothing, keys: nothing, usage: nothing },
  collections: async () => ({ collections: [], unreadable: [] }),
  roadmap: async () => ({ years: [], skills: [], priorities: [], atlas: [], resources: [], labs: [] }),
} satisfies Partial<Fake>;

/** By the name of a scene, what it makes of the product. */
export const scenes: Record<string, (usual: Fake) => Fake> = {
  /** Every list is empty that can be. */
  empty: (usual) => ({
    ...usual,
    ...noRows,
    plan: async () => ({ ...(await usual.plan()), phases: [], today: null }),
    models: async () => ({
      ...(await usual.models()),
      models: [],
      device: null,
      gateway: { url: null, problem: null },
    }),
    deployments: async () => ({ ...(await usual.deployments()), deployments: [] }),
  }),

  /** Every command fails. */
  failing: (usual) => all(usual, () => () => Promise.reject(new Refused(failed))),

  /** The lab's pack is from elsewhere, and may run nothing yet. */
  foreign: (usual) => {
    let allowed = false;
    const packs = ['One', 'Other'].map((name) => ({ id: name, title: `Pack ${name}`, open: name === 'One' }));
    return {
      ...usual,
      plan: async () => ({ ...(await usual.plan()), packs, notices: [failed] }),
      lab: async (slug) => ({ ...(await usual.lab(slug)), consent: allowed ? null : consent }),
      allowPack: async () => {
        allowed = true;
        return null;
      },
    };
  },

  long(usual) {
    const told = (thrown: unknown) => (thrown instanceof Refused ? new Refused(longer(thrown.problem)) : thrown);
    const scene = all(
      { ...usual, ...drawnOut(usual) },
      (command) =>
        (...given) =>
          command(...shorter(given)).then(longer, (thrown) => Promise.reject(told(thrown))),
    );
    return { ...scene, listen: (heard) => usual.listen((event) => heard(longer(event))) };
  },

  offline: (usual) => ({ ...usual, ...offline(usual) }),

  /** Nobody answers. */
  silent: (usual) => all(usual, () => () => new Promise(() => undefined)),
};
