import type { RoleArnParts } from '../identity/defaults.ts';
import { errorText } from '../util/error-text.ts';
import { isObject, ownString, type JsonObject } from '../util/json.ts';

export interface InstanceMetadataSettings {
  /** URL of the metadata service; undefined for that of EC2 (or of AWS_EC2_METADATA_SERVICE_ENDPOINT). */
  readonly endpoint?: string;
  readonly timeoutMs: number;
}

/** The account and partition of the instance could not be read from its metadata. */
class InstanceIdentityError extends Error {
  override readonly name = 'InstanceIdentityError';
}

/** Without a leading slash, which the client adds: it would ask for `//latest`. */
const documentPath = 'latest/dynamic/instance-identity/document';

/**
 * Account and partition for `--compose-role-arn` from the instance's metadata (IMDSv2). Throws InstanceIdentityError, which
 * tells how to do without. The library is loaded only now.
 */
export async function readInstanceIdentity(settings: InstanceMetadataSettings): Promise<RoleArnParts> {
  try {
    const document = parseDocument(await readDocument(settings));
    const accountId = ownString(document, 'accountId') ?? '';
    if (!/^\d{12}$/.test(accountId)) throw new TypeError(`expected an accountId of 12 digits, found "${accountId}"`);
    const region = ownString(document, 'region') ?? '';
    if (region === '') throw new TypeError('expected a region, found none');
    return { accountId, partition: await partitionOf(region) };
  } catch (error) {
    throw new InstanceIdentityError(
      'expected account and region from the EC2 instance metadata (IMDSv2) for --compose-role-arn: ' +
        `${errorText(error)}; give --account-id and --partition, or let pods reach the metadata service (hop limit 2)`,
      { cause: error },
    );
  }
}

async function readDocument({ endpoint, timeoutMs }: InstanceMetadataSettings): Promise<string> {
  const { MetadataService } = await import('@aws-sdk/ec2-metadata-service');
  const service = new MetadataService({
    ...(endpoint === undefined ? {} : { endpoint }),
    httpOptions: { timeout: timeoutMs },
    ec2MetadataV1Disabled: true,
    // After a time-out the client refuses to go on, with a message that hides the reason.
    retries: 0,
  });
  return service.request(documentPath, {});
}

function parseDocument(text: string): JsonObject {
  const document: unknown = JSON.parse(text);
  if (isObject(document)) return document;
  throw new TypeError('expected a JSON object');
}

/** The partition that a region belongs to, for example `aws-cn`. The library is loaded only now: it costs 15 MB. */
export async function partitionOf(region: string): Promise<string> {
  const { partition } = await import('@aws-sdk/util-endpoints');
  return partition(region).name;
}
