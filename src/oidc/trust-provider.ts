import { OidcError } from './finding.ts';
import { checkIssuer } from './issuer-url.ts';

/** An OIDC provider in IAM, as a trust policy names it. */
export interface TrustProvider {
  readonly arn: string;
  /** The issuer without `https://`, before the colon of condition keys such as `oidc.example.com/cluster-a:sub`. */
  readonly name: string;
}

/** What is before the colon of a condition key has to be free of what JSON, Terraform and YAML would have to escape. */
const providerName = /^[A-Za-z0-9][\w.~:/%@+=,-]*$/;
const providerArn = /^arn:aws[a-z0-9-]*:iam::[0-9]{12}:oidc-provider\/(?<name>.+)$/;

/** The provider with this ARN. Throws OidcError `invalid_provider`. */
export function parseProviderArn(arn: string): TrustProvider {
  const name = providerArn.exec(arn)?.groups?.['name'];
  if (name !== undefined && providerName.test(name)) return { arn, name };
  const expected = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/cluster-a';
  throw new OidcError('invalid_provider', { text: `--provider-arn: expected an ARN such as ${expected}`, found: arn });
}

/** The provider that IAM has for this issuer in this account. Throws OidcError `invalid_url`. */
export function providerOfIssuer(issuer: string, account: ProviderAccount): TrustProvider {
  const name = checkIssuer(issuer, '--issuer').replace(/^https:\/\//, '');
  if (providerName.test(name))
    return { arn: `arn:${account.partition}:iam::${account.id}:oidc-provider/${name}`, name };
  throw new OidcError('invalid_url', {
    text: '--issuer: expected https:// in lower case and a plain host and path',
    found: issuer,
  });
}

/** Where an OIDC provider is registered: that of the roles which trust it. */
export interface ProviderAccount {
  readonly partition: string;
  /** 12 digits. */
  readonly id: string;
}
