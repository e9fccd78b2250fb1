import { parseMapping } from '../identity/mapping.ts';
import type { ServiceAccountReference } from '../admission/identity-source.ts';
import type { ServiceAccountFacts } from '../identity/service-account-annotations.ts';
import { configMapsPath, objectPath } from '../kubernetes/paths.ts';
import { textAt, type JsonObject } from '../util/json.ts';
import { failed, ofWebhook, passed, warning, type Check, type CheckOutcome } from './check.ts';
import { readOrUndefined } from '../cluster/reader.ts';
import { counted } from '../util/text.ts';
import { docsUrl } from '../util/docs-url.ts';

export const mapping: Check = {
  code: 'mapping',
  group: 'Identities',
  title: 'the mapping ConfigMap can be read',
  run: ofWebhook(async ({ mapping: source }, { cluster }) => {
    if (source === undefined) return passed('none is used');
    const path = objectPath(configMapsPath(source.namespace), source.name);
    return judgeMapping(await readOrUndefined(cluster, path), `${source.namespace}/${source.name}`);
  }),
};

function judgeMapping(configMap: JsonObject | undefined, name: string): CheckOutcome {
  const hint = `Entries that are left out give no identity. The form of entries: ${docsUrl('annotations.md')}`;
  if (configMap === undefined) return warning(`expected ConfigMap ${name}, found none: nothing is mapped`, hint);
  const text = textAt(configMap, 'data', 'config');
  if (text === undefined)
    return warning(`ConfigMap ${name}: expected data.config, found none: nothing is mapped`, hint);
  const parsed = parseMapping(text);
  if (parsed.kind === 'malformed') return failed(`ConfigMap ${name}: ${parsed.detail}`, hint);
  const [first, ...more] = parsed.problems;
  if (first === undefined) return passed(`${counted(parsed.mapping.size, 'entry', 'entries')} in ConfigMap ${name}`);
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  return failed(`ConfigMap ${name}: ${first}${others}`, hint);
}

export const serviceAccounts: Check = {
  code: 'service-accounts',
  group: 'Identities',
  title: 'the annotations of ServiceAccounts can be read',
  run: ofWebhook(async (_, { accounts }) => judgeAccounts((await accounts()).annotated())),
};

/** Accounts with an annotation of ours. */
function judgeAccounts(annotated: Iterable<readonly [ServiceAccountReference, ServiceAccountFacts]>): CheckOutcome {
  let all = 0;
  const faulty: string[] = [];
  for (const [{ namespace, name }, { notices }] of annotated) {
    all += 1;
    if (notices.length > 0) faulty.push(`${namespace}/${name}`);
  }
  const [first] = faulty.sort();
  if (first === undefined) return passed(counted(all, 'annotated ServiceAccount'));
  const example = faulty.length === 1 ? first : `among them ${first}`;
  return warning(
    `${faulty.length} of ${counted(all, 'annotated ServiceAccount')} with a value that is not taken as it is: ${example}`,
    'irsa audit -A lists them with what is wrong.',
  );
}
