import { isVersion } from '../kubernetes/resource-version.ts';
import { ownObject, ownString, type JsonObject } from '../util/json.ts';

/** The fields of a ServiceAccount that are looked at. */
export interface ServiceAccountRecord {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly annotations: JsonObject | undefined;
}

/** Reads a ServiceAccount as the API server sends it; undefined when it lacks what every object has, or has no order. */
export function toServiceAccountRecord(object: JsonObject): ServiceAccountRecord | undefined {
  const metadata = ownObject(object, 'metadata');
  if (metadata === undefined) return undefined;
  const namespace = ownString(metadata, 'namespace');
  const name = ownString(metadata, 'name');
  const resourceVersion = ownString(metadata, 'resourceVersion');
  if (namespace === undefined || name === undefined || resourceVersion === undefined) return undefined;
  if (!isVersion(resourceVersion)) return undefined;
  return { namespace, name, resourceVersion, annotations: ownObject(metadata, 'annotations') };
}
