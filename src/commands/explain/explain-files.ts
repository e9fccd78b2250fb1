import type { Explanation } from '../../explanation/explanation.ts';
import { parseManifests } from '../../manifests/parse-manifests.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import { defaultConfigMapName, readOfflineAccounts } from '../common/offline-accounts.ts';
import { readInput, readTemplatePath } from '../common/read-input.ts';
import { openClusterSession } from './cluster-session.ts';
import type { ExplainOptions } from './explain-options.ts';
import { explainSource, fileAccountReader, podSourcesOfManifests } from './explain-source.ts';
import { counted } from '../../util/text.ts';

/** Explains the pods and pod templates of files. Rejects with CommandFailure, ManifestProblem or KubernetesError. */
export async function explainFiles(
  paths: readonly string[],
  options: ExplainOptions,
  context: CommandContext,
): Promise<readonly Explanation[]> {
  const { io, settingFlags } = context;
  const templatePaths = (options.templatePath ?? []).map(readTemplatePath);
  const reading = { stdin: io.stdin, recursive: options.recursive ?? false };
  const manifests = (await readInput(paths, reading)).flatMap(({ text, source }) => parseManifests(text, source));
  const session = options.cluster === undefined ? undefined : await openClusterSession(options, context);
  const decision = session?.decision ?? (await decisionContext(settingFlags, io.environment));
  const namespace = session?.cluster.namespace ?? options.namespace ?? 'default';
  const accounts = await readOfflineAccounts(manifests, {
    files: options,
    reading,
    defaults: decision.defaults,
    namespace,
    configMapName: defaultConfigMapName,
  });
  for (const problem of accounts.problems) io.stderr.write(`warning: ${problem}\n`);
  const sources = podSourcesOfManifests(manifests, templatePaths, namespace);
  if (sources.length === 0) throw nothingToExplain(paths, manifests.length);
  const hasAssociations = options.associations !== undefined;
  const readAccount = fileAccountReader({ manifests, accounts, namespace, hasAssociations, session });
  const explanations: Explanation[] = [];
  for (const source of sources) explanations.push(await explainSource(source, { readAccount, decision, session }));
  return explanations;
}

function nothingToExplain(paths: readonly string[], objects: number): CommandFailure {
  const where = paths.map(path => (path === '-' ? 'stdin' : path)).join(', ');
  const found = objects === 0 ? 'nothing' : counted(objects, 'other object');
  return new CommandFailure(`${where}: expected a pod, an object that makes pods, or a ServiceAccount, found ${found}`);
}
