import type { Reviewer } from '../../admission/answer.ts';
import { createReviewer } from '../../admission/reviewer.ts';
import { parseManifests } from '../../manifests/parse-manifests.ts';
import { parseTemplatePath, type TemplatePath } from '../../manifests/template-path.ts';
import { exitCodes, type CommandIo } from '../command-io.ts';
import { usageFailure } from '../common/command-failure.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import { identitiesOf } from '../common/offline-accounts.ts';
import { expectStdinOnce, readInput } from '../common/read-input.ts';
import { writeResult } from '../common/write-result.ts';
import type { ClusterSource } from './cluster-source.ts';
import type { MutateFormat, MutateOptions } from './mutate-options.ts';
import { openAccounts } from './open-accounts.ts';
import { refuseUnreadCluster } from './refuse-unread-cluster.ts';
import { renderOutput, type MutatedInput } from './render-output.ts';
import { reviewWorkload, type ReviewedWorkload } from './review-workload.ts';
import { summaryLines } from './summary-lines.ts';
import { workloadsOf, type Workload } from './workload.ts';

/**
 * The webhook spreads the lifetime of tokens for container credentials over 22 to 24 hours at random (E126). Here it is always
 * the middle, 23 hours, so that the same input gives the same output.
 */
const middleOfSpread = (): number => 0.5;

/** Runs `irsa mutate`. Rejects with CommandFailure, ManifestProblem or KubernetesError. */
export async function runMutate(options: MutateOptions, context: CommandContext): Promise<void> {
  const { io, finish } = context;
  refuseUnreadCluster(options);
  expectStdinOnce([...options.filename, ...(options.serviceAccounts ?? []), options.mapping, options.associations]);
  const templatePaths = (options.templatePath ?? []).map(readTemplatePath);
  const texts = await readInput(options.filename, { stdin: io.stdin, recursive: options.recursive });
  const inputs = texts.map(input => ({ input, manifests: parseManifests(input.text, input.source) }));
  const mutated = await reviewInputs(inputs, templatePaths, options, context);
  await writeResult(io.stdout, renderOutput(mutated, options.output ?? usualFormat(mutated)));
  const decisions = mutated.flatMap(({ reviewed }) => reviewed.map(({ decision }) => decision));
  if (decisions.length === 0) io.stderr.write('note: the input holds no pod and no pod template\n');
  if (decisions.some(({ outcome }) => outcome === 'denied')) finish(exitCodes.findings);
}

/** Decides about every pod of the inputs, and says on standard error what became of it. */
async function reviewInputs(
  inputs: readonly Omit<MutatedInput, 'reviewed'>[],
  templatePaths: readonly TemplatePath[],
  options: MutateOptions,
  { io, settingFlags }: CommandContext,
): Promise<readonly MutatedInput[]> {
  const cluster = await openCluster(options, io);
  const { defaults, injection } = await decisionContext(settingFlags, io.environment, cluster?.webhook?.flags);
  const namespace = cluster?.cluster.namespace ?? options.namespace ?? 'default';
  const found = inputs.map(input => ({
    ...input,
    workloads: input.manifests.flatMap(manifest => workloadsOf(manifest, { templatePaths, namespace })),
  }));
  const accounts = await openAccounts(found, { options, io, cluster, defaults, namespace });
  const identities = identitiesOf(accounts, cluster !== undefined);
  const reviewer = createReviewer({ identities, injection, faultResponse: 'allow', random: middleOfSpread });
  const mutated: MutatedInput[] = [];
  for (const { input, manifests, workloads } of found) {
    const reviewed = await reviewAll(reviewer, workloads);
    for (const one of reviewed) io.stderr.write(summaryLines(one, accounts));
    mutated.push({ input, manifests, reviewed });
  }
  return mutated;
}

/** Loaded when needed: HTTP and TLS take a tenth of the time of a run without. */
async function openCluster(options: MutateOptions, io: CommandIo): Promise<ClusterSource | undefined> {
  if (options.cluster === undefined) return undefined;
  const { openClusterSource } = await import('./cluster-source.ts');
  return openClusterSource(options, io);
}

function readTemplatePath(text: string): TemplatePath {
  const parsed = parseTemplatePath(text);
  if (typeof parsed === 'string') throw usageFailure(`--template-path: ${parsed}`);
  return parsed;
}

async function reviewAll(reviewer: Reviewer, workloads: readonly Workload[]): Promise<readonly ReviewedWorkload[]> {
  const reviewed: ReviewedWorkload[] = [];
  for (const workload of workloads) reviewed.push(await reviewWorkload(reviewer, workload));
  return reviewed;
}

/** Reviews alone are answered; everything else is written with additions. */
function usualFormat(inputs: readonly MutatedInput[]): MutateFormat {
  const reviews = inputs.flatMap(({ reviewed }) => reviewed).filter(({ workload }) => workload.isReview);
  const manifests = inputs.flatMap(input => input.manifests);
  return reviews.length > 0 && reviews.length === manifests.length ? 'admissionreview' : 'yaml';
}
