import { isObject, ownList, ownObject, ownString, type JsonObject } from '../../../src/util/json.ts';
import { namespace, serviceName } from './running-authority.ts';

export const configurationsPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

export interface EntryOptions {
  /** Default: ours. */
  readonly service?: { readonly namespace: string; readonly name: string };
  readonly caBundle?: string;
}

/**
 * A webhook configuration with these entries, which call for no object that any test creates. Ours is the Service in the
 * namespace `own`.
 */
export function webhookConfiguration(
  name: string,
  entries: readonly EntryOptions[] = [{}, {}],
  own: string = namespace,
): JsonObject {
  const ours = { namespace: own, name: serviceName };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: entries.map((entry, index) =>
      webhookEntry(`entry-${index}.irsa-webhook.test`, { service: ours, ...entry }),
    ),
  };
}

function webhookEntry(name: string, { service, caBundle }: EntryOptions): object {
  return {
    name,
    clientConfig: {
      service: { ...service, path: '/mutate' },
      ...(caBundle !== undefined && { caBundle: encode(caBundle) }),
    },
    failurePolicy: 'Ignore',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules: [{ operations: ['CREATE'], apiGroups: ['none.test'], apiVersions: ['v1'], resources: ['nothing'] }],
  };
}

/** The PEM bundle of each entry, in order. */
export function bundlesOf(configuration: JsonObject): readonly string[] {
  return ownList(configuration, 'webhooks').map(entry => {
    const clientConfig = isObject(entry) ? ownObject(entry, 'clientConfig') : undefined;
    return Buffer.from(ownString(clientConfig ?? {}, 'caBundle') ?? '', 'base64').toString('utf8');
  });
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
