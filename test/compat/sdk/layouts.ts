import { accessKeyId, ownPassword, roleArn } from './surroundings.ts';
import type { Sdk } from './programs.ts';

/** Whose credentials an SDK finds: `app` and `agent` are those of the ServiceAccount's identity. */
export type Bearer = 'app' | 'agent' | 'node' | 'target' | 'keys' | 'profile' | 'endpoint' | 'error';

/** For all SDKs, or for those that are not named. */
export type Ends = Bearer | ({ readonly others: Bearer } & { readonly [sdk in Sdk]?: Bearer });

/** What the author of a pod wrote for its container, and where the chain of each SDK ends. */
export interface Layout {
  /** At most 40 characters, which Vitest shows of it. */
  readonly name: string;
  /** A variable of undefined comes from an optional Secret that does not exist. `{home}` and `{url}` are put in. */
  readonly env: { readonly [variable: string]: string | undefined };
  /** Below the home folder. */
  readonly files?: { readonly [path: string]: string };
  /** Audience of a token volume of the author's own, mounted at `{home}/own`. */
  readonly ownVolume?: string;
  /** Without the webhook. */
  readonly alone: Ends;
  /** With what the webhook adds. */
  readonly injected: Ends;
}

const keys = `aws_access_key_id = ${accessKeyId('keys')}\naws_secret_access_key = secret\n`;
const profileKeys = keys.replace(accessKeyId('keys'), accessKeyId('profile'));
const chained = `role_arn = ${roleArn('target')}\nsource_profile = keys\n[profile keys]\n${keys}`;
const keyVariables = { AWS_ACCESS_KEY_ID: accessKeyId('keys'), AWS_SECRET_ACCESS_KEY: 'secret' };
const ownPair = { AWS_ROLE_ARN: roleArn('target'), AWS_WEB_IDENTITY_TOKEN_FILE: '{home}/own/token' };
const stsVolume = 'sts.amazonaws.com';

/** Credentials of the author's own, beside a ServiceAccount with a role. */
export const beside: readonly Layout[] = [
  { name: 'nothing', env: {}, alone: 'node', injected: 'app' },
  { name: 'a role and a token', env: ownPair, ownVolume: stsVolume, alone: 'target', injected: 'target' },
  { name: 'keys', env: keyVariables, alone: 'keys', injected: 'keys' },
  {
    name: 'keys with AWS_SESSION_TOKEN',
    env: { ...keyVariables, AWS_SESSION_TOKEN: 'session' },
    alone: 'keys',
    injected: 'keys',
  },
  {
    name: 'AWS_SESSION_TOKEN without keys',
    env: { AWS_SESSION_TOKEN: 'session' },
    alone: 'node',
    injected: 'app',
  },
  {
    name: 'AWS_SHARED_CREDENTIALS_FILE with keys',
    env: { AWS_SHARED_CREDENTIALS_FILE: '{home}/file' },
    files: { file: `[default]\n${keys}` },
    alone: 'keys',
    injected: { others: 'app', javascript: 'keys' },
  },
  {
    name: 'keys in ~/.aws/credentials',
    env: {},
    files: { '.aws/credentials': `[default]\n${keys}` },
    alone: 'keys',
    injected: { others: 'app', javascript: 'keys' },
  },
  {
    name: 'AWS_CONFIG_FILE with keys',
    env: { AWS_CONFIG_FILE: '{home}/file' },
    files: { file: `[default]\n${keys}` },
    alone: 'keys',
    injected: { others: 'app', javascript: 'keys' },
  },
  {
    name: 'AWS_PROFILE',
    env: { AWS_PROFILE: 'own', AWS_SHARED_CREDENTIALS_FILE: '{home}/file' },
    files: { file: `[own]\n${profileKeys}` },
    alone: 'profile',
    injected: { others: 'app', javascript: 'profile' },
  },
  {
    name: 'AWS_PROFILE, which assumes a role',
    env: { AWS_PROFILE: 'own', AWS_CONFIG_FILE: '{home}/file' },
    files: { file: `[profile own]\n${chained}` },
    alone: 'target',
    injected: { others: 'app', boto3: 'target', javascript: 'target' },
  },
  {
    name: 'AWS_CONFIG_FILE, which assumes a role',
    env: { AWS_CONFIG_FILE: '{home}/file' },
    files: { file: `[default]\n${chained}` },
    alone: 'target',
    injected: { others: 'app', boto3: 'target', javascript: 'target' },
  },
  {
    name: 'AWS_DEFAULT_PROFILE',
    env: { AWS_DEFAULT_PROFILE: 'own', AWS_SHARED_CREDENTIALS_FILE: '{home}/file' },
    files: { file: `[own]\n${profileKeys}` },
    alone: { others: 'profile', javascript: 'node', java: 'node' },
    injected: 'app',
  },
  {
    name: 'an endpoint for container credentials',
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: '{url}/own', AWS_CONTAINER_AUTHORIZATION_TOKEN: ownPassword },
    alone: 'endpoint',
    injected: 'app',
  },
];

/** A part of what makes an identity, beside a ServiceAccount with a role: an opt-out, or another way to credentials. */
export const partial: readonly Layout[] = [
  { name: 'AWS_ROLE_ARN=""', env: { AWS_ROLE_ARN: '' }, alone: 'node', injected: 'node' },
  {
    name: 'AWS_ROLE_ARN="" and a file with keys',
    env: { AWS_ROLE_ARN: '', AWS_SHARED_CREDENTIALS_FILE: '{home}/file' },
    files: { file: `[default]\n${keys}` },
    alone: 'keys',
    injected: 'keys',
  },
  {
    name: 'AWS_ROLE_ARN from an absent Secret',
    env: { AWS_ROLE_ARN: undefined },
    alone: 'node',
    injected: 'node',
  },
  {
    name: "AWS_ROLE_ARN of the author's own",
    env: { AWS_ROLE_ARN: roleArn('target') },
    alone: 'node',
    injected: 'node',
  },
  { name: "AWS_ROLE_ARN, the ServiceAccount's", env: { AWS_ROLE_ARN: roleArn('app') }, alone: 'node', injected: 'app' },
  {
    name: 'a token file with our audience',
    env: { AWS_WEB_IDENTITY_TOKEN_FILE: '{home}/own/token' },
    ownVolume: stsVolume,
    alone: { others: 'error', javascript: 'node', java: 'node' },
    injected: 'app',
  },
  {
    name: 'a token file with another audience',
    env: { AWS_WEB_IDENTITY_TOKEN_FILE: '{home}/own/token' },
    ownVolume: 'pods.eks.amazonaws.com',
    alone: { others: 'error', javascript: 'node', java: 'node' },
    injected: { others: 'error', javascript: 'node', java: 'node' },
  },
  { name: 'AWS_WEB_IDENTITY_TOKEN_FILE=""', env: { AWS_WEB_IDENTITY_TOKEN_FILE: '' }, alone: 'node', injected: 'node' },
];

/**
 * Credentials of the author's own, beside a ServiceAccount with an EKS Pod Identity association. Nothing has
 * `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`: the SDKs ask 169.254.170.2 for it, where nothing of a test can listen.
 */
export const besideAssociation: readonly Layout[] = [
  { name: 'nothing', env: {}, alone: 'node', injected: 'agent' },
  { name: 'a role and a token', env: ownPair, ownVolume: stsVolume, alone: 'target', injected: 'target' },
  { name: 'keys', env: keyVariables, alone: 'keys', injected: 'keys' },
  {
    name: 'an endpoint with a token',
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: '{url}/own', AWS_CONTAINER_AUTHORIZATION_TOKEN: ownPassword },
    alone: 'endpoint',
    injected: 'endpoint',
  },
  {
    name: 'an endpoint with a token file',
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: '{url}/own',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '{home}/password',
    },
    files: { password: ownPassword },
    alone: 'endpoint',
    injected: 'endpoint',
  },
  {
    name: 'an endpoint that asks for nothing',
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: '{url}/open' },
    alone: 'endpoint',
    injected: 'endpoint',
  },
  {
    name: 'the endpoint of the agent',
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: '{url}/agent' },
    alone: { others: 'error', java: 'node' },
    injected: 'agent',
  },
  {
    name: 'a token without an endpoint',
    env: { AWS_CONTAINER_AUTHORIZATION_TOKEN: ownPassword },
    alone: 'node',
    injected: { others: 'agent', java: 'node' },
  },
  {
    name: 'a token file without an endpoint',
    env: { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '{home}/password' },
    files: { password: ownPassword },
    alone: 'node',
    injected: 'node',
  },
];
