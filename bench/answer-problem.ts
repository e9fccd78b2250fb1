import jsonPatch, { type Operation } from 'fast-json-patch';
import { isObject, ownField, ownList, ownObject, ownString, type JsonObject } from '../src/util/json.ts';

/**
 * Why this answer does not give the pod of this review its identity; undefined when it does. The patch is decoded and applied,
 * because a webhook that answers quickly and wrongly is not fast. Serves for any webhook with the AWS webhook's variables.
 */
export function answerProblem(review: string, answer: string): string | undefined {
  const response = responseOf(answer);
  if (response === undefined) return 'expected an AdmissionReview with a response';
  if (ownField(response, 'allowed') !== true) return 'expected allowed: true';
  if (ownString(response, 'uid') !== ownString(requestOf(review), 'uid')) return 'expected the uid of the request';
  const patch = ownString(response, 'patch');
  if (patch === undefined || ownString(response, 'patchType') !== 'JSONPatch')
    return 'expected a JSONPatch, found none';
  const operations = parse(Buffer.from(patch, 'base64').toString('utf8'));
  if (!isOperations(operations)) return 'expected the patch to be a base64 list of operations';
  const patched = apply(ownObject(requestOf(review), 'object') ?? {}, operations);
  return patched === undefined ? 'expected the patch to apply' : podProblem(patched);
}

function responseOf(answer: string): JsonObject | undefined {
  const parsed = parse(answer);
  return isObject(parsed) ? ownObject(parsed, 'response') : undefined;
}

function requestOf(review: string): JsonObject {
  const parsed = parse(review);
  return (isObject(parsed) ? ownObject(parsed, 'request') : undefined) ?? {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isOperations(value: unknown): value is Operation[] {
  return (
    Array.isArray(value) && value.every(operation => isObject(operation) && ownString(operation, 'path') !== undefined)
  );
}

function apply(pod: JsonObject, operations: readonly Operation[]): JsonObject | undefined {
  try {
    return jsonPatch.applyPatch(pod, operations, true, false).newDocument;
  } catch {
    return undefined;
  }
}

function podProblem(pod: JsonObject): string | undefined {
  const spec = ownObject(pod, 'spec') ?? {};
  const volume = ownList(spec, 'volumes').find(projectsAwsToken);
  if (!isObject(volume)) return 'expected a volume with a token for AWS';
  const name = ownString(volume, 'name') ?? '';
  const containers = [...ownList(spec, 'containers'), ...ownList(spec, 'initContainers')];
  const bare = containers.find(container => !isObject(container) || !usesToken(container, name));
  return bare === undefined ? undefined : 'expected every container to have role, token file and mount';
}

function projectsAwsToken(volume: unknown): boolean {
  const projected = isObject(volume) ? ownObject(volume, 'projected') : undefined;
  return ownList(projected ?? {}, 'sources').some(
    source => isObject(source) && ownString(ownObject(source, 'serviceAccountToken') ?? {}, 'audience') !== undefined,
  );
}

function usesToken(container: JsonObject, volume: string): boolean {
  const variables = namesIn(container, 'env');
  return (
    variables.has('AWS_ROLE_ARN') &&
    variables.has('AWS_WEB_IDENTITY_TOKEN_FILE') &&
    namesIn(container, 'volumeMounts').has(volume)
  );
}

function namesIn(container: JsonObject, list: string): ReadonlySet<string> {
  const names = ownList(container, list).map(entry => (isObject(entry) ? ownString(entry, 'name') : undefined));
  return new Set(names.filter(name => name !== undefined));
}
