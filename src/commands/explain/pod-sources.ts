import type { ExplainedSubject } from '../../explanation/explanation.ts';
import { isKind, metadataOf, nameOf, namespaceOf } from '../../kubernetes/objects.ts';
import type { ManifestObject } from '../../manifests/parse-manifests.ts';
import { findPodTemplates, type TemplatePath } from '../../manifests/pod-templates.ts';
import { ownString, type JsonObject } from '../../util/json.ts';

/** A pod, or what pods would be made of, and the object that has it. */
export interface PodSource {
  readonly subject: ExplainedSubject;
  readonly pod: JsonObject;
}

/** The pods that an object is or makes; for a ServiceAccount a pod of it. */
export function podSourcesOf(
  object: JsonObject,
  templatePaths: readonly TemplatePath[],
  defaults: { readonly namespace: string; readonly source?: string },
): readonly PodSource[] {
  const { namespace, source } = defaults;
  const name = nameOf(object);
  const subject: ExplainedSubject = {
    kind: ownString(object, 'kind') ?? '',
    namespace: namespaceOf(object, namespace),
    name: name === '' ? (ownString(metadataOf(object), 'generateName') ?? '') : name,
    ...(source === undefined ? {} : { source }),
  };
  if (isKind(object, 'ServiceAccount')) return [{ subject, pod: podOfAccount(name) }];
  return findPodTemplates(object, templatePaths).map(({ template }) => ({ subject, pod: template }));
}

function podOfAccount(serviceAccountName: string): JsonObject {
  return { metadata: {}, spec: { serviceAccountName, containers: [{ name: 'any' }] } };
}

/** The pods of all manifests. ServiceAccounts are explained only where there are no pods: then the question is about them. */
export function podSourcesOfManifests(
  manifests: readonly ManifestObject[],
  templatePaths: readonly TemplatePath[],
  namespace: string,
): readonly PodSource[] {
  const sources = manifests.flatMap(({ object, source, line }) =>
    podSourcesOf(object, templatePaths, { namespace, source: `${source}:${line}` }),
  );
  const pods = sources.filter(({ subject }) => subject.kind !== 'ServiceAccount');
  return pods.length > 0 ? pods : sources;
}
