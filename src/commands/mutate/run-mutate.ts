import type { Reviewer, Decision } from '../../admission/answer.ts';
import { createReviewer } from '../../admission/reviewer.ts';
import { parseManifests } from '../../manifests/parse-manifests.ts';
import { parseTemplatePath, type TemplatePath } from '../../manifests/pod-templates.ts';
import { exitCodes, type CommandIo } from '../command-io.ts';
import { usageFailure } from '../common/command-failure.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import { identitiesOf, type KnownAccounts } from '../common/offline-accounts.ts';
import { expectStdinOnce, readInput } from '../common/read-input.ts';
import { writeResult } from '../common/write-result.ts';
import type { ClusterSource } from './cluster-source.ts';
import type { MutateFormat, MutateOptions } from './mutate-options.ts';
import { openAccounts } from './open-accounts.ts';
import { renderOutput, type MutatedInput } from './render-output.ts';
import { reviewWorkload, type ReviewedWorkload } from './review-workload.ts';
import { workloadsOf, type Workload } from './workload.ts';
import { counted } from '../../util/text.ts';

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

/** Options that choose a cluster, which is only read with `--cluster`. */
const clusterOptions = ['kubeconfig', 'context', 'user', 'as', 'asGroup'] as const;

/** Throws CommandFailure when a cluster is chosen that would not be read. */
function refuseUnreadCluster(options: MutateOptions): void {
  const chosen = clusterOptions.find(name => options[name] !== undefined);
  if (chosen === undefined || options.cluster !== undefined) return;
  const flag = chosen === 'asGroup' ? 'as-group' : chosen;
  throw usageFailure(`--${flag}: expected --cluster with it, without which no cluster is read`);
}

/** What became of a workload: one line for a person, and one for each thing that its owner should know. */
function summaryLines({ workload: { label }, decision }: ReviewedWorkload, accounts: KnownAccounts): string {
  const lines = [`${label}: ${outcomeText(decision)} (${decision.reason})`];
  const isKnown = accounts.has({ namespace: decision.namespace, name: decision.serviceAccount });
  if (!isKnown && decision.method !== 'none') lines.push(`  note: ${unseenAccount(decision)}`);
  lines.push(...decision.notices.map(({ detail, code }) => `  warning: ${detail} (${code})`));
  return lines.map(line => `${withoutControlCharacters(line)}\n`).join('');
}

function unseenAccount({ namespace, serviceAccount, method }: Decision): string {
  const lacks = method === 'web_identity' ? 'role annotation' : 'annotations';
  return `ServiceAccount ${namespace}/${serviceAccount} is not in the input and is taken to have no ${lacks}`;
}

function outcomeText({ outcome, detail, containersInjected, containersSkipped }: Decision): string {
  if (outcome === 'denied') return `would be refused: ${detail}`;
  if (outcome !== 'mutated') return `left as it is: ${detail}`;
  const containers = counted(containersInjected, 'container');
  const skipped = containersSkipped.length === 0 ? '' : `, others left as they are: ${containersSkipped.join(', ')}`;
  return `injected ${detail} into ${containers}${skipped}`;
}

/** Names and roles are somebody else's text, and this goes to a terminal. */
function withoutControlCharacters(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
