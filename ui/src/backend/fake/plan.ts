// A made-up plan for trying the window in a browser: one lab can be opened, the rest only show how they look.

import type { BurnUp, LabCard, Phase, Plan } from '../bindings.gen';

type Planned = [slug: string, title: string, from: number, to: number, summary: string];

const foundation: Planned[] = [
  ['orientation', 'Orientation', 1, 1, 'a workspace, a first green check and a first answer from the local model'],
  ['fastapi-first-service', 'A first service', 2, 3, 'a typed HTTP service with health, routes and its own docs'],
  ['fastapi-validation-errors', 'Validation and errors', 4, 5, 'errors that help a caller and leak nothing'],
  ['fastapi-async-streaming', 'Async and streaming', 6, 8, 'streams, time limits and a clean shutdown'],
  [
    'llm-first-deployment',
    'A first model deployment',
    9,
    11,
    'one client that moves between providers by its base URL',
  ],
  ['model-serving', 'Model serving', 12, 14, 'a serving report: load, latency, memory and cold start'],
  ['embeddings', 'Embeddings', 15, 17, 'a pipeline that turns text into vectors, with batching measured'],
  ['vector-database', 'Vector database', 18, 21, 'an index with namespaces, filters, upsert and delete'],
  ['data-ethics', 'Data ethics', 22, 25, 'a data card and a scan for personal data with known precision'],
  ['community', 'Community', 26, 30, 'a place in two communities and a habit of taking part'],
];

const retrieval: Planned[] = [
  ['ingestion-pipeline', 'Ingestion pipeline', 31, 34, 'documents parsed, chunked and stored, restartable half way'],
  ['rag-service', 'RAG service', 35, 39, 'answers that cite their sources and admit what they do not know'],
  ['semantic-search', 'Semantic search', 40, 43, 'hybrid search with its recall and latency curve'],
  ['containers', 'Containers', 44, 47, 'a small image that runs without root and holds no secret'],
  ['container-stack', 'Container stack', 48, 51, 'service, store and gateway as one stack that survives a kill'],
  ['aws-ai-services', 'AWS AI services', 52, 54, 'your Azure design carried over to AWS, as a decision record'],
  ['rag-infrastructure-template', 'RAG infrastructure template', 55, 57, 'a Terraform module, linted and costed'],
  ['prototype-to-production', 'Prototype to production', 58, 60, 'a notebook turned into a service, with parity tests'],
];

const production: Planned[] = [
  ['rag-monitoring', 'RAG monitoring', 61, 65, 'alerts that fire when they should and only then'],
  ['rag-tracing', 'RAG tracing', 66, 68, 'spans through retrieval and generation'],
  ['quality-drift', 'Quality and drift', 69, 72, 'drift monitors with known false-alarm rates'],
  ['evaluation', 'Evaluation', 73, 76, 'a golden set and a regression found with it'],
  ['cicd-pipeline', 'CI/CD pipeline', 77, 80, 'a pipeline that refuses a worse model'],
  ['guardrails', 'Guardrails', 81, 83, 'limits and filters tried against an attack set'],
  ['inference-optimization', 'Inference optimization', 84, 86, 'what quantization, caching and batching each bought'],
  ['capstone', 'Capstone', 87, 90, 'a public write-up made from your evidence'],
];

function phase(id: string, title: string, summary: string, planned: Planned[]): Phase {
  const labs = planned.map(([slug, name, fromDay, toDay, ends]): LabCard => ({
    slug,
    title: name,
    summary: `${ends.charAt(0).toUpperCase()}${ends.slice(1)}.`,
    fromDay,
    toDay,
    minutes: null,
    state: 'not_in_pack',
    passed: 0,
    stale: 0,
    checks: 0,
    minutesSpent: 0,
  }));
  return { id, title, summary, fromDay: labs[0]?.fromDay ?? 1, toDay: labs.at(-1)?.toDay ?? 1, labs };
}

/** The plan with what is known of its one open lab. */
export function plan(orientation: Pick<LabCard, 'state' | 'passed' | 'checks' | 'minutesSpent'>): Plan {
  const phases = [
    phase('foundation', 'Foundation', 'Services, models and vectors, one at a time.', foundation),
    phase('retrieval', 'Retrieval', 'One service that answers from your own documents.', retrieval),
    phase('production', 'Production', 'The same service watched, measured and released.', production),
  ];
  const first = phases[0]?.labs[0];
  if (first) Object.assign(first, { minutes: 40, ...orientation });
  const begun = orientation.state !== 'not_started';
  return {
    title: 'The first 90 days',
    day: begun ? 2 : null,
    days: 90,
    today: orientation.state === 'done' ? null : 'orientation',
    phases,
    minutesSpent: orientation.minutesSpent,
    checksPassed: orientation.passed,
    checks: orientation.checks,
    packs: [],
    notices: [],
  };
}

/** What passed on the two days of a plan that has begun. */
export function burnUp({ day, checks, checksPassed }: Plan): BurnUp {
  const point = (day: number, date: string, passed: number) => ({ day, date, passed, planned: checks });
  const first = Math.min(checksPassed, 2);
  const points = day === null ? [] : [point(1, '2026-03-02', first), point(2, '2026-03-03', checksPassed)];
  return { checks, points, forecast: null };
}
