import type { Identity } from '../identity/identity.ts';
import type { Notice, NoticeCode } from '../identity/notice.ts';
import { isObject, ownString } from '../util/json.ts';
import { entriesOf, type Container } from './pod.ts';
import { literalOf, type AwsVariables } from './variables.ts';
import { quote } from '../util/text.ts';

/** Where AWS SDKs find credentials before the injected ones. */
interface EarlierSource {
  readonly code: NoticeCode;
  /** One of these is enough. */
  readonly variables: readonly string[];
  /** The SDKs that look there first, by the method of the identity; undefined where none does. */
  readonly takenBy: { readonly [method in Identity['method']]: string | undefined };
}

const relativeUri = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';

const all = 'the AWS SDKs';
const code = 'static_credentials_take_precedence';
const byProfile = 'the AWS SDK for JavaScript, and the one for Python where the profile names a role,';

/**
 * What the SDKs do, as `test/compat/sdk` shows it for Python, JavaScript, Go and Java. `AWS_SESSION_TOKEN` counts only with keys, and
 * is passed over without them.
 */
const earlierSources: readonly EarlierSource[] = [
  {
    code,
    variables: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
    takenBy: { web_identity: all, container_credentials: all },
  },
  {
    code,
    variables: ['AWS_PROFILE', 'AWS_CONFIG_FILE'],
    takenBy: { web_identity: byProfile, container_credentials: all },
  },
  {
    code,
    variables: ['AWS_SHARED_CREDENTIALS_FILE'],
    takenBy: { web_identity: 'the AWS SDK for JavaScript', container_credentials: all },
  },
  {
    code,
    variables: ['AWS_DEFAULT_PROFILE'],
    takenBy: {
      web_identity: 'the AWS SDK for Python, where the profile names a role,',
      container_credentials: 'the AWS SDKs for Python and Go',
    },
  },
  {
    code: 'web_identity_takes_precedence',
    variables: ['AWS_WEB_IDENTITY_TOKEN_FILE'],
    takenBy: { web_identity: undefined, container_credentials: all },
  },
  {
    code: 'relative_uri_takes_precedence',
    variables: [relativeUri],
    takenBy: { web_identity: undefined, container_credentials: 'the AWS SDKs for Python, JavaScript and Go' },
  },
];

/** The folder with the files of profiles and keys, in whatever home. */
const profileFolder = /\/\.aws(\/(config|credentials)?)?$/;

/** What AWS SDKs take before the identity (E65, E95): it is injected all the same, but the owner should know. */
export function precedenceNotices(
  container: Container,
  present: AwsVariables,
  { method }: Identity,
): readonly Notice[] {
  const where = `container ${quote(container.name)}`;
  const sources = present.size === 0 ? [] : earlierSources;
  const ofVariables = sources.flatMap(({ code, variables, takenBy }) => {
    const sdks = takenBy[method];
    const set = variables.filter(name => present.has(name) && !isTurnedOff(name, present));
    if (sdks === undefined || set.length === 0) return [];
    return [{ code, detail: `${where} sets ${set.join(', ')}: ${sdks} may use that instead of the injected identity` }];
  });
  return [...ofVariables, ...folderNotices(container, where, method)];
}

/** An empty address is as good as none (E182). */
function isTurnedOff(name: string, present: AwsVariables): boolean {
  return name === relativeUri && literalOf(present.get(name)) === '';
}

function folderNotices(container: Container, where: string, method: Identity['method']): readonly Notice[] {
  for (const mount of entriesOf(container.volumeMounts)) {
    const path = isObject(mount) ? ownString(mount, 'mountPath') : undefined;
    if (path === undefined || !profileFolder.test(path)) continue;
    const sdks = method === 'web_identity' ? byProfile : all;
    return [{ code, detail: `${where} mounts ${quote(path)}: ${sdks} may use that instead of the injected identity` }];
  }
  return [];
}
