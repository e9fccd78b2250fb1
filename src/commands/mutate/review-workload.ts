import * as z from 'zod';
import type { Decision, Reviewer } from '../../admission/answer.ts';
import { createLoneContext } from '../../admission/reviewer.ts';
import type { AddOperation } from '../../injection/patch.ts';
import { ManifestProblem } from '../../manifests/manifest-problem.ts';
import type { Workload } from './workload.ts';

/** What the webhook makes of a workload. */
export interface ReviewedWorkload {
  readonly workload: Workload;
  readonly decision: Decision;
  /** The webhook's answer; undefined where it would be HTTP 503. */
  readonly body: string | undefined;
  /** For the pod or template; empty where it is left as it is. */
  readonly operations: readonly AddOperation[];
}

/** Reviews need not wait: everything is known already. */
const waitMs = 0;

/** Asks the webhook's own reviewer. Rejects with ManifestProblem for an AdmissionReview of the input that it cannot read. */
export async function reviewWorkload(reviewer: Reviewer, workload: Workload): Promise<ReviewedWorkload> {
  const answer = await reviewer.review(JSON.stringify(workload.review), createLoneContext(waitMs));
  if (answer.kind === 'abandoned') throw new TypeError('a review that was not waited for');
  if (answer.kind === 'unreadable') throw new ManifestProblem(workload.manifest, `AdmissionReview: ${answer.detail}`);
  const body = answer.kind === 'answered' ? answer.body : undefined;
  const patch = body === undefined ? [] : readPatch(body);
  const operations = workload.lacksMetadata ? patch.map(withMetadata) : patch;
  return { workload, decision: answer.decision, body, operations };
}

/** The pod has metadata, its template has none to add labels to. */
function withMetadata(operation: AddOperation): AddOperation {
  if (operation.path !== '/metadata/labels') return operation;
  return { op: 'add', path: '/metadata', value: { labels: operation.value } };
}

const responseSchema = z.object({ response: z.object({ patch: z.base64().optional() }) });
const patchSchema = z.array(z.object({ op: z.literal('add'), path: z.string(), value: z.unknown() }));

function readPatch(body: string): readonly AddOperation[] {
  const { patch } = responseSchema.parse(JSON.parse(body)).response;
  return patch === undefined ? [] : patchSchema.parse(JSON.parse(Buffer.from(patch, 'base64').toString('utf8')));
}
