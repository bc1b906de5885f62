// This machine alone: no network, no container engine, and a server elsewhere that does not answer.

import type { Deployed, Finding, Problem } from '../bindings.gen';
import type { Fake } from '../fake';
import { Refused } from '../problem';
import { call } from './facts';
import { deployed } from './models';

const noEngine: Problem = {
  code: 'containers.absent',
  message: 'no container engine is on this machine',
  nextStep: 'Install one: sudo apt-get install docker.io. Only the labs about containers need it.',
  owner: 'learner',
};

const unreachable: Problem = {
  code: 'models.unreachable',
  message:
    'https://huggingface.co/google/gemma-3-270m/resolve/main/gemma-3-270m-Q4_K_M.gguf could not be reached: failed to lookup address information: Temporary failure in name resolution',
  nextStep: 'Look at the network, then start it again: it goes on where it stopped. Installed models need no network.',
  owner: 'learner',
};

/** By its title, how work ends that needs what is not there. */
export const broken: Record<string, Problem> = {
  'Downloading a model': unreachable,
  'Bringing the base image': noEngine,
};

const elsewhere: Deployed = deployed({ name: 'team', model: 'qwen3-8b', url: 'http://gpu-1:8000/v1' });

const found: Finding[] = [
  { name: 'Containers', state: 'warning', detail: noEngine.message, nextStep: noEngine.nextStep, repair: null },
  {
    name: 'Deployments',
    state: 'warning',
    detail: 'The deployment "team" does not answer: http://gpu-1:8000/v1 could not be reached.',
    nextStep: 'Start that server, or mend [deployments.team] in deployments.toml.',
    repair: null,
  },
];

const refused = () => Promise.reject(new Refused(noEngine));

export const offline = (usual: Fake): Partial<Fake> => ({
  ...{ engine: refused, images: refused, stacks: refused, leftovers: refused, stackUsage: refused },
  async deployments() {
    const known = await usual.deployments();
    return { ...known, deployments: [...known.deployments, elsewhere] };
  },
  async gatewayCalls(lab) {
    const failed = { ...call(502, 0), model: 'team', error: 'upstream_failed' };
    return [...(await usual.gatewayCalls(lab)), failed];
  },
  async doctor() {
    const others = (await usual.doctor()).filter(({ name }) => name !== 'Base image');
    return [...others, ...found];
  },
});
