import { isBelow, samePlace } from '../injection/mount-paths.ts';
import { cleanPath } from '../go/path.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { quote } from '../util/text.ts';
import { annotationPrefix } from './identity-settings.ts';
import {
  choice,
  readRows,
  text,
  unexpected,
  type Parsed,
  type Read,
  type Setting,
  type SettingGroup,
} from './setting.ts';
import { dnsLabel, httpUrl, isPrintable, optionalRegion, projectedPath } from './text-forms.ts';

/** Not flags of the AWS webhook, and visible in every pod it touched: other tools look for these names. */
const webIdentityVolume = 'aws-iam-token';
const webIdentityTokenPath = 'token';

const tokenMountPath: Setting<string> = mountPath(
  'token-mount-path',
  '/var/run/secrets/eks.amazonaws.com/serviceaccount',
  'Where containers find the token.',
);

const exemptNamespaces: Setting<readonly string[]> = {
  name: 'exempt-namespaces',
  type: 'string',
  defaultText: '',
  defaultValue: [],
  help: 'Namespaces whose pods are never touched, separated by commas, * for any characters.',
  parse: parseNamespaces,
};

const maxPatternCharacters = 63;
const namespacePattern = /^[a-z0-9*](?:[-a-z0-9*]*[a-z0-9*])?$/;

function parseNamespaces(written: string): Parsed<readonly string[]> {
  const value = [...new Set(written.split(',').map(pattern => pattern.trim()))].filter(pattern => pattern !== '');
  const bad = value.filter(pattern => pattern.length > maxPatternCharacters || !namespacePattern.test(pattern));
  if (bad.length > 0) {
    return unexpected('names of namespaces, separated by commas, * for any characters', bad.join(','));
  }
  const all = value.find(pattern => /^\*+$/.test(pattern));
  const notice = all === undefined ? {} : { notice: `${quote(all)} is every namespace: no pod gets an identity` };
  return { kind: 'value', value, text: value.join(','), ...notice };
}

/** What containers get whatever their method is. */
const injectionRows = {
  region: text({
    name: 'aws-default-region',
    default: '',
    form: optionalRegion,
    help: 'Add AWS_DEFAULT_REGION and AWS_REGION with this value where a container has neither; empty adds nothing.',
  }),
  partialIdentityEnv: choice({
    name: 'partial-identity-env',
    default: 'complete',
    choices: ['complete', 'keep'],
    help: 'What to do with a container that has one of the two identity variables, with the value of its identity: add the other, or keep it as the AWS webhook does.',
  }),
  roleSessionName: choice({
    name: 'role-session-name',
    default: 'none',
    choices: ['none', 'pod'],
    help: 'Add AWS_ROLE_SESSION_NAME, so that CloudTrail names the pod: none, or pod.',
  }),
  exemptNamespaces,
};

const containerCredentialsRows = {
  fullUri: text({
    name: 'container-credentials-full-uri',
    default: 'http://169.254.170.23/v1/credentials',
    form: httpUrl,
    help: 'EKS Pod Identity: where the SDK asks the node agent for credentials.',
  }),
  mountPath: mountPath(
    'container-credentials-token-mount-path',
    '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
    'EKS Pod Identity: where containers find the token.',
  ),
  volumeName: text({
    name: 'container-credentials-token-volume-name',
    default: 'eks-pod-identity-token',
    form: dnsLabel,
    help: 'EKS Pod Identity: name of the volume that holds the token.',
  }),
  tokenPath: text({
    name: 'container-credentials-token-path',
    default: 'eks-pod-identity-token',
    form: projectedPath,
    help: 'EKS Pod Identity: name of the token file in that volume.',
  }),
};

function mountPath(name: string, defaultPath: string, help: string): Setting<string> {
  return { name, type: 'string', defaultText: defaultPath, defaultValue: defaultPath, help, parse: parseMountPath };
}

/**
 * A path in containers as Kubernetes wants it: absolute, with slashes, clean and without a colon. A Windows path is
 * understood: Windows pods get the drive letter back where they need it (E134).
 */
function parseMountPath(text: string): Parsed<string> {
  const onDriveC = /^c:[\\/]/i.test(text);
  const value = cleanPath(onDriveC ? text.slice(2).replaceAll('\\', '/') : text);
  if (!value.startsWith('/') || value === '/' || value.includes(':') || !isPrintable(value)) {
    return unexpected('an absolute path below /, without a colon', text);
  }
  if (isAboveApiToken(value)) return unexpected(`a path that is not above ${apiTokenPath}`, text);
  if (!onDriveC) return { kind: 'value', value, text: value };
  return { kind: 'value', value, text: value, notice: `used as ${value}; Windows pods get the drive letter C:` };
}

/** Where the API server mounts the token of nearly every pod. */
const apiTokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The container runtime cannot create the folder of that token in our mount, which is read-only. */
function isAboveApiToken(path: string): boolean {
  const [ours, other] = [samePlace(path), samePlace(apiTokenPath)];
  return ours === other || isBelow(other, ours) || isBelow(apiTokenPath, path);
}

export const injectionGroup: SettingGroup = {
  title: 'Injection',
  settings: [tokenMountPath, ...Object.values(injectionRows), ...Object.values(containerCredentialsRows)],
};

/** Returns what the settings say about injection. */
export function readInjection(read: Read): InjectionSettings {
  return {
    annotationPrefix: read(annotationPrefix),
    webIdentity: {
      volumeName: webIdentityVolume,
      mountPath: read(tokenMountPath),
      tokenPath: webIdentityTokenPath,
    },
    containerCredentials: readRows(containerCredentialsRows, read),
    ...readRows(injectionRows, read),
  };
}
