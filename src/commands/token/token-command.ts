import { Option } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import { colourOption, defineCommand, type CommandTexts, type OptionsOf } from '../common/define-command.ts';
import { caFileText } from '../oidc/oidc-command.ts';

/** `irsa token` */
export function defineToken() {
  return defineCommand({
    name: 'token',
    summary: 'Read and request the tokens that pods take to AWS.',
    description:
      'Shows what a projected ServiceAccount token says and what AWS STS would refuse it for, and requests one.',
    examples: [
      {
        purpose: 'What a pod takes to AWS',
        line:
          'kubectl exec POD -- cat /var/run/secrets/eks.amazonaws.com/serviceaccount/token | ' +
          'irsa token inspect --from-cluster',
      },
      {
        purpose: 'What a pod of a ServiceAccount would get',
        line: 'irsa token request team-a/app | irsa token inspect',
      },
    ],
  });
}

const inspectTexts: CommandTexts = {
  name: 'inspect',
  summary: 'Show what a token says and what is wrong with it for AWS.',
  description:
    'Reads a token from the file, or from standard input, and shows its header and claims, never the token itself. With ' +
    '--jwks, --issuer or --from-cluster its signature is verified too. Keys are fetched from a URL only when you say so: ' +
    '--issuer URL fetches from that URL and expects it in the token, --issuer alone trusts the URL that the token names. ' +
    'Ends with 1 when AWS would refuse the token.',
  examples: [
    { purpose: 'A token in a file', line: 'irsa token inspect token.jwt' },
    {
      purpose: 'Verified by the keys that AWS would fetch',
      line: 'irsa token inspect token.jwt --issuer https://oidc.example.com/cluster-a',
    },
    { purpose: 'Verified by the keys of the cluster', line: 'irsa token inspect token.jwt --from-cluster' },
  ],
};

/** `irsa token inspect` */
export function defineTokenInspect() {
  return defineClusterCommand(inspectTexts)
    .argument('[file]', 'File with the token; without it, or for -, standard input.', '-')
    .option('--audience <audience...>', 'Audience that is expected; without it sts.amazonaws.com.')
    .option('--verify', 'Verify the signature, by the keys of one of the next three options, which imply it.')
    .option('--jwks <file>', 'Key set (JWKS) in a file.')
    .option('--issuer [url]', "Key set that this issuer publishes; without a URL that of the token's own issuer.")
    .option('--from-cluster', 'Key set of the API server.')
    .option('--ca-file <file>', caFileText)
    .addOption(new Option('-o, --output <format>', 'Format.').choices(['text', 'json']).default('text'))
    .addOption(colourOption());
}

export type InspectOptions = OptionsOf<typeof defineTokenInspect>;

/** `irsa token request` */
export function defineTokenRequest() {
  return defineClusterCommand({
    name: 'request',
    summary: 'Request a token of a ServiceAccount from the cluster.',
    description:
      'Requests a token by TokenRequest, as the kubelet does for the volume of a pod, and writes it to standard output. ' +
      'It is a secret: whoever has it may assume the role until it expires.',
    examples: [
      { purpose: 'A token for AWS, looked into', line: 'irsa token request team-a/app | irsa token inspect' },
      {
        purpose: 'Whether AWS takes it',
        line:
          'irsa token request team-a/app > token && AWS_WEB_IDENTITY_TOKEN_FILE=token ' +
          'AWS_ROLE_ARN=arn:aws:iam::111122223333:role/app aws sts get-caller-identity',
      },
    ],
  })
    .argument('<namespace/name>', 'ServiceAccount; without a namespace that of -n or of the context.')
    .option('--audience <audience...>', 'Audience of the token; without it sts.amazonaws.com.')
    .option('--duration <duration>', 'How long it is valid, as in 1h, at least 10m.', '1h');
}

export type RequestOptions = OptionsOf<typeof defineTokenRequest>;
