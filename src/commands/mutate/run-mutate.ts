import type { TemplatePath } from '../../manifests/pod-templates.ts';
import type { Decision } from '../../admission/answer.ts';
import type { IdentitySource } from '../../admission/identity-source.ts';
import { judge, passOver, type Judgement } from '../../admission/judge.ts';
import { patchOf } from '../../admission/respond.ts';
import { readSubject } from '../../admission/subject.ts';
import type { AddOperation } from '../../injection/patch.ts';
import type { InjectionSettings } from '../../injection/settings.ts';
import { parseManifests } from '../../manifests/parse-manifests.ts';
import { exitCodes, writeResult } from '../command-io.ts';
import { usageFailure } from '../common/command-failure.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import { identitiesOf, type KnownAccounts } from '../common/offline-accounts.ts';
import { expectStdinOnce, readInput, readTemplatePath } from '../common/read-input.ts';
import { counted } from '../../util/text.ts';
import { openAccounts, openClusterSource, type AccountOptions } from './accounts.ts';
import { renderOutput, type JudgedWorkload, type MutatedInput, type MutateFormat } from './render-output.ts';
import { workloadsOf, type Workload } from './workloads.ts';

/** The options of `irsa mutate`, as commander has them. */
export interface MutateOptions extends AccountOptions {
  readonly filename: readonly string[];
  readonly templatePath?: readonly string[];
  readonly output?: MutateFormat;
}

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
  const mutated = await judgeInputs(inputs, templatePaths, options, context);
  await writeResult(io.documents, renderOutput(mutated, options.output ?? usualFormat(mutated)));
  const decisions = mutated.flatMap(({ judged }) => judged.map(({ judgement }) => judgement.decision));
  if (decisions.length === 0) io.stderr.write('note: the input holds no pod and no pod template\n');
  if (decisions.some(({ outcome }) => outcome === 'denied')) finish(exitCodes.findings);
}

/** Decides about every pod of the inputs, and writes to standard error what became of it. */
async function judgeInputs(
  inputs: readonly Omit<MutatedInput, 'judged'>[],
  templatePaths: readonly TemplatePath[],
  options: MutateOptions,
  { io, settingFlags }: CommandContext,
): Promise<readonly MutatedInput[]> {
  const cluster = await openClusterSource(options, io);
  const { defaults, injection } = await decisionContext(settingFlags, io.environment, cluster?.webhook?.flags);
  const namespace = cluster?.cluster.namespace ?? options.namespace ?? 'default';
  const found = inputs.map(input => ({
    ...input,
    workloads: input.manifests.flatMap(manifest => workloadsOf(manifest, { templatePaths, namespace })),
  }));
  const accounts = await openAccounts(found, { options, io, cluster, defaults, namespace });
  const identities = identitiesOf(accounts, cluster !== undefined);
  const mutated: MutatedInput[] = [];
  for (const { input, manifests, workloads } of found) {
    const judged: JudgedWorkload[] = [];
    for (const workload of workloads) judged.push(await judgeWorkload(workload, identities, injection));
    for (const one of judged) io.stderr.write(summaryLines(one, accounts));
    mutated.push({ input, manifests, judged });
  }
  return mutated;
}

async function judgeWorkload(
  workload: Workload,
  identities: IdentitySource,
  injection: InjectionSettings,
): Promise<JudgedWorkload> {
  const judgement = await judgeReview(workload, identities, injection);
  const patch = patchOf(judgement);
  return { workload, judgement, operations: workload.lacksMetadata ? patch.map(withMetadata) : patch };
}

async function judgeReview(
  { request }: Workload,
  identities: IdentitySource,
  injection: InjectionSettings,
): Promise<Judgement> {
  const found = readSubject(request, injection);
  if (found.kind === 'skip') return passOver(request, found, injection);
  const answer = await identities.identityOf(found.subject.account, waitMs);
  return judge(request, found.subject, answer, { injection, random: middleOfSpread });
}

/** Nothing has to be waited for: all accounts are read. */
const waitMs = 0;

/** The pod has metadata, its template has none to add labels to. */
function withMetadata(operation: AddOperation): AddOperation {
  if (operation.path !== '/metadata/labels') return operation;
  return { op: 'add', path: '/metadata', value: { labels: operation.value } };
}

/** Reviews alone are answered; everything else is written with additions. */
function usualFormat(inputs: readonly MutatedInput[]): MutateFormat {
  const reviews = inputs.flatMap(({ judged }) => judged).filter(({ workload }) => workload.isReview);
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
function summaryLines({ workload: { label }, judgement }: JudgedWorkload, accounts: KnownAccounts): string {
  const { decision } = judgement;
  const lines = [`${label}: ${outcomeText(decision)} (${decision.reason})`];
  const isKnown = accounts.has({ namespace: decision.namespace, name: decision.serviceAccount });
  if (!isKnown && decision.method !== 'none') lines.push(`  note: ${unseenAccount(decision)}`);
  lines.push(...decision.notices.map(({ detail, code }) => `  warning: ${detail} (${code})`));
  return lines.map(line => `${line}\n`).join('');
}

function unseenAccount({ namespace, serviceAccount, method }: Decision): string {
  const lacks = method === 'web_identity' ? 'role annotation' : 'annotations';
  return `ServiceAccount ${namespace}/${serviceAccount} is not in the input and is taken to have no ${lacks}`;
}

function outcomeText({ outcome, detail, outcomes, containersInjected, containersSkipped }: Decision): string {
  if (outcome === 'denied') return `would be refused: ${detail}`;
  if (outcome !== 'mutated') return `left as it is: ${detail}`;
  const containers = counted(containersInjected, 'container');
  const skipped = containersSkipped.length === 0 ? '' : `, others left as they are: ${containersSkipped.join(', ')}`;
  if (outcomes.length === 0) return `injected ${detail} into ${containers}${skipped}`;
  return `injected into ${containers}${skipped}; the pod has ${detail}`;
}
