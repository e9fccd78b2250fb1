import { readReview, reviewOfCreation, type ReviewRequest } from '../../admission/review-request.ts';
import { metadataOf, nameOf, namespaceOf } from '../../kubernetes/objects.ts';
import { ManifestProblem } from '../../manifests/manifest-problem.ts';
import type { ManifestObject, PathStep } from '../../manifests/parse-manifests.ts';
import { findPodTemplates, type PodTemplate, type TemplatePath } from '../../manifests/pod-templates.ts';
import { isObject, ownField, ownString, type JsonObject } from '../../util/json.ts';

/** A pod or pod template of the input, and the request that the API server would send about such a pod. */
export interface Workload {
  readonly manifest: ManifestObject;
  /** From its object to the pod or template. */
  readonly path: readonly PathStep[];
  /** How messages name it, as `Deployment shop/web`. */
  readonly label: string;
  readonly request: ReviewRequest;
  /** True when the input is that review itself. */
  readonly isReview: boolean;
  /** True for a template without metadata, which its pods nevertheless have. */
  readonly lacksMetadata: boolean;
}

export interface WorkloadOptions {
  readonly templatePaths: readonly TemplatePath[];
  /** The namespace of objects that name none. */
  readonly namespace: string;
}

/**
 * Returns the pods that an object is, makes or, an AdmissionReview, asks about. Throws ManifestProblem for an AdmissionReview
 * that the webhook cannot read.
 */
export function workloadsOf(manifest: ManifestObject, options: WorkloadOptions): readonly Workload[] {
  const { object } = manifest;
  if (ownString(object, 'kind') === 'AdmissionReview') return [givenReview(manifest)];
  const templates = findPodTemplates(object, options.templatePaths);
  return templates.map(template => {
    const label = labelOf(object, options.namespace);
    const place = templates.length > 1 ? ` ${template.path.join('.')}` : '';
    return {
      manifest,
      path: template.path,
      label: label + place,
      request: requestOf(object, template, options.namespace),
      isReview: false,
      lacksMetadata: (template.template['metadata'] ?? null) === null && template.path.length > 0,
    };
  });
}

function givenReview(manifest: ManifestObject): Workload {
  const parsed = readReview(manifest.object);
  if (parsed.kind === 'unreadable') throw new ManifestProblem(manifest, `AdmissionReview: ${parsed.detail}`);
  const { request } = parsed;
  return {
    manifest,
    path: ['request', 'object'],
    label: `AdmissionReview of ${labelOf({ kind: 'Pod', ...request.object }, request.namespace)}`,
    request,
    isReview: true,
    lacksMetadata: false,
  };
}

function labelOf(object: JsonObject, namespace: string): string {
  const generated = ownString(metadataOf(object), 'generateName');
  const name = nameOf(object) || (generated ? `${generated}*` : '(no name)');
  return `${ownString(object, 'kind') ?? ''} ${namespaceOf(object, namespace)}/${name}`;
}

/** A pod of a template is created in the namespace of its workload, whatever the template says. */
function requestOf(object: JsonObject, { path, template }: PodTemplate, defaultNamespace: string): ReviewRequest {
  const namespace = namespaceOf(object, defaultNamespace);
  // Unique among the reviews of an input that the API server would take.
  const uid = labelOf(object, namespace);
  return reviewOfCreation(path.length === 0 ? template : podOf(template, object), { namespace, uid });
}

/** What a controller makes of a template: a pod whose name is made from that of its owner. */
function podOf(template: JsonObject, owner: JsonObject): JsonObject {
  const metadata = ownField(template, 'metadata') ?? {};
  if (!isObject(metadata)) return template;
  const ownerName = ownString(metadataOf(owner), 'name') ?? 'pod';
  return { ...template, metadata: { generateName: `${ownerName}-`, ...metadata } };
}
