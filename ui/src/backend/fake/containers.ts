// The scripted product's containers: an engine, a stack of three with one that is not well, files of a workspace, images, and
// what is left over.

import type { ContainerFile, Engine, Image, ImageLayer, Leftover, Problem, ServiceUsage, Stack } from '../bindings.gen';

export const HOME = '/home/ada/Groundwork/orientation';

export const engine: Engine = {
  title: 'Docker 20.10.24',
  api: '1.41',
  address: 'unix:///var/run/docker.sock',
  foundBy: 'the usual place',
  cpus: 8,
  memory: 16_600_000_000,
  root: '/var/lib/docker',
  withoutLimits: [],
  base: 'groundwork/python:3.11',
  hasBase: true,
};

export const notStarted: Problem = {
  code: 'containers.not_started',
  message: 'the container engine does not run',
  nextStep: 'Start it: sudo systemctl start docker.',
  owner: 'learner',
};

export const files: ContainerFile[] = [
  {
    lab: 'container-stack',
    path: `${HOME}/compose.yaml`,
    folder: HOME,
    shown: 'compose.yaml',
    kind: 'compose',
  },
  { lab: 'containers', path: `${HOME}/Dockerfile`, folder: HOME, shown: 'Dockerfile', kind: 'dockerfile' },
];

export function stack(): Stack {
  const name = 'groundwork-orientation-1a2b3c';
  const service = (service: string, state: string, status: string, ports: Stack['services'][number]['ports'] = []) => ({
    service,
    container: `${name}-${service}-1`,
    state,
    status,
    ports,
  });
  return {
    name,
    file: `${HOME}/compose.yaml`,
    services: [
      service('api', 'running', 'Up 3 minutes (healthy)', [{ host: 49_153, container: 8000 }]),
      service('migrate', 'exited', 'Exited (0) 3 minutes ago'),
      service('store', 'running', 'Up 3 minutes (unhealthy)'),
    ],
  };
}

export function usage(look: number): ServiceUsage[] {
  const one = (service: string, cpus: number, memory: number) => ({
    service,
    cpus,
    memory,
    memoryLimit: 512_000_000,
    processes: 4,
    received: 18_000 * look,
    sent: 21_000 * look,
  });
  return [
    one('api', 0.2 + 0.15 * Math.sin(look), 84_000_000 + 1_500_000 * look),
    one('store', 0.05 + 0.02 * Math.cos(look), 131_000_000),
  ];
}

export const images: Image[] = [
  {
    id: 'sha256:7a1f0c2e55',
    names: ['containers:dev'],
    bytes: 318_000_000,
    created: 1_795_600_000,
    ours: true,
  },
  {
    id: 'sha256:0b66d81a90',
    names: ['groundwork/python:3.11', 'groundwork/python:latest'],
    bytes: 289_000_000,
    created: 1_795_000_000,
    ours: false,
  },
];

export const layers: ImageLayer[] = [
  { madeBy: '/bin/sh -c #(nop)  CMD ["python3" "-m" "service"]', bytes: 0 },
  { madeBy: '/bin/sh -c #(nop)  USER 10001', bytes: 0 },
  { madeBy: '/bin/sh -c #(nop) COPY dir:0f3b in /app', bytes: 41_000 },
  { madeBy: '/bin/sh -c pip install --no-cache-dir --requirement requirements.txt', bytes: 28_900_000 },
  { madeBy: '', bytes: 289_000_000 },
];

export const leftovers: Leftover[] = [
  { kind: 'container', id: 'c1', name: 'groundwork-check-51c0a2', bytes: null },
  { kind: 'image', id: 'i1', name: 'groundwork-check-51c0a2:latest', bytes: 301_000_000 },
  { kind: 'volume', id: 'v1', name: 'groundwork-orientation-1a2b3c_data', bytes: 12_000_000 },
];

export const build = [
  'Step 1/6 : FROM groundwork/python:3.11',
  ' ---> 0b66d81a90',
  'Step 2/6 : COPY requirements.txt .',
  'Step 3/6 : RUN pip install --no-cache-dir --requirement requirements.txt',
  'Collecting fastapi==0.121.0',
  'Step 4/6 : COPY . /app',
  'Step 5/6 : USER 10001',
  'Step 6/6 : CMD ["python3", "-m", "service"]',
  'Successfully tagged containers:dev',
];
