import { Option } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import { colourOption, defineCommand, type OptionsOf } from '../common/define-command.ts';

/** `--public-key`, in all commands that take keys. */
const publicKeyText =
  'PEM file with public keys, private keys or certificates, as --service-account-key-file of kube-apiserver takes it; ' +
  'can be repeated.';

/** `--from-cluster`, in all commands that take keys. */
const fromClusterText = 'Take the keys that the API server publishes at /openid/v1/jwks.';

/** `--legacy-empty-kid` */
const legacyEmptyKidText = 'Add each key once more with an empty kid, for tokens of Kubernetes before 1.16.';

/** `--issuer` of the commands that write documents. */
const issuerText = 'URL of the issuer, as --service-account-issuer of kube-apiserver has it.';

/** `--jwks-uri` */
const jwksUriText = 'URL of the key set; without it <issuer>/openid/v1/jwks.';

/** `--ca-file` */
export const caFileText = 'PEM file with the authorities to trust instead of the public ones.';

/** `irsa oidc` */
export function defineOidc() {
  return defineCommand({
    name: 'oidc',
    summary: "Make and check the documents of the cluster's token issuer.",
    description:
      'AWS STS verifies the tokens of pods by two public documents of their issuer: the discovery document and the ' +
      'key set (JWKS). These commands make both for a bucket or a web server, and check what is published.',
    examples: [
      {
        purpose: 'The files of an issuer in a bucket, from the key of the API server',
        line: 'irsa oidc bundle --issuer https://BUCKET.s3.eu-central-1.amazonaws.com --public-key sa.pub -d out',
      },
      {
        purpose: 'Whether AWS can verify the tokens of the cluster',
        line: 'irsa oidc verify --issuer https://oidc.example.com --from-cluster',
      },
    ],
  });
}

/** `irsa oidc bundle` */
export function defineOidcBundle() {
  return defineClusterCommand({
    name: 'bundle',
    summary: 'Write both documents of an issuer into a folder, as a bucket or web server has them.',
    description:
      'Writes .well-known/openid-configuration and openid/v1/jwks beneath the folder and shows their paths. A file that is ' +
      'there with another content is not replaced without --force, and then nothing is written.',
    examples: [
      {
        purpose: 'For a bucket',
        line: 'irsa oidc bundle --issuer https://BUCKET.s3.eu-central-1.amazonaws.com --public-key sa.pub -d out',
      },
      {
        purpose: 'Uploaded by the AWS command line',
        line: 'aws s3 cp out s3://BUCKET --recursive --content-type application/json',
      },
    ],
  })
    .requiredOption('-d, --dir <folder>', 'Folder to write into; it is made where it is missing.')
    .requiredOption('--issuer <url>', issuerText)
    .option('--jwks-uri <url>', jwksUriText)
    .option('--public-key <file...>', publicKeyText)
    .option('--from-cluster', fromClusterText)
    .option('--legacy-empty-kid', legacyEmptyKidText)
    .option('--force', 'Replace files that differ.');
}

export type BundleOptions = OptionsOf<typeof defineOidcBundle>;

/** `irsa oidc discovery` */
export function defineOidcDiscovery() {
  return defineClusterCommand({
    name: 'discovery',
    summary: 'Write the discovery document of an issuer.',
    description:
      'Writes the document that kube-apiserver serves at /.well-known/openid-configuration, byte for byte. It lists the ' +
      'algorithms of the keys that are given; without keys RS256, that of every RSA key.',
    examples: [
      {
        purpose: 'For an issuer whose keys are RSA',
        line: 'irsa oidc discovery --issuer https://oidc.example.com/cluster-a > openid-configuration',
      },
      {
        purpose: 'For an ECDSA key, the key set being elsewhere',
        line: 'irsa oidc discovery --issuer https://oidc.example.com --jwks-uri https://keys.example.com/jwks --public-key ec.pub',
      },
    ],
  })
    .requiredOption('--issuer <url>', issuerText)
    .option('--jwks-uri <url>', jwksUriText)
    .option('--public-key <file...>', publicKeyText)
    .option('--from-cluster', fromClusterText);
}

export type DiscoveryOptions = OptionsOf<typeof defineOidcDiscovery>;

/** `irsa oidc jwks` */
export function defineOidcJwks() {
  return defineClusterCommand({
    name: 'jwks',
    summary: 'Write the key set (JWKS) of an issuer.',
    description:
      'Writes the key set that kube-apiserver serves at /openid/v1/jwks for these keys, byte for byte. With several ' +
      'keys it serves a rotation: publish the new key together with the old one, wait for caches (an hour), then let the API ' +
      'server sign with it, and take the old key out when its last token has expired.',
    examples: [
      {
        purpose: 'From the files that --service-account-key-file names',
        line: 'irsa oidc jwks --public-key sa.pub > jwks',
      },
      {
        purpose: 'What the cluster publishes, and the next key',
        line: 'irsa oidc jwks --from-cluster --public-key new.pub',
      },
    ],
  })
    .option('--public-key <file...>', publicKeyText)
    .option('--from-cluster', fromClusterText)
    .option('--legacy-empty-kid', legacyEmptyKidText);
}

export type JwksOptions = OptionsOf<typeof defineOidcJwks>;

/** `irsa oidc verify` */
export function defineOidcVerify() {
  return defineClusterCommand({
    name: 'verify',
    summary: 'Check what an issuer publishes, as AWS STS needs it.',
    description:
      'Fetches the discovery document and the key set over https and checks that issuer, key set, algorithms and keys ' +
      'agree; with --from-cluster or --public-key also that every key of the cluster is published. Shows the thumbprint ' +
      'for an OIDC provider in IAM. Ends with 1 when AWS would refuse the tokens.',
    examples: [
      { purpose: 'An issuer', line: 'irsa oidc verify --issuer https://oidc.example.com/cluster-a' },
      {
        purpose: 'With a certificate of its own authority, against the keys of the cluster',
        line: 'irsa oidc verify --issuer https://oidc.example.com --ca-file ca.crt --from-cluster',
      },
    ],
  })
    .requiredOption('--issuer <url>', 'URL of the issuer.')
    .option('--ca-file <file>', caFileText)
    .option('--public-key <file...>', publicKeyText)
    .option('--from-cluster', 'Check that the keys which the API server publishes are there.')
    .addOption(new Option('-o, --output <format>', 'Format.').choices(['text', 'json']).default('text'))
    .addOption(colourOption());
}

export type VerifyOptions = OptionsOf<typeof defineOidcVerify>;
