/** `--public-key`, in all commands that take keys. */
export const publicKeyText: string =
  'PEM file with public keys, private keys or certificates, as --service-account-key-file of kube-apiserver takes it; ' +
  'can be repeated.';

/** `--from-cluster`, in all commands that take keys. */
export const fromClusterText = 'Take the keys that the API server publishes at /openid/v1/jwks.';

/** `--legacy-empty-kid` */
export const legacyEmptyKidText = 'Add each key once more with an empty kid, for tokens of Kubernetes before 1.16.';

/** `--issuer` of the commands that write documents. */
export const issuerText = 'URL of the issuer, as --service-account-issuer of kube-apiserver has it.';

/** `--jwks-uri` */
export const jwksUriText = 'URL of the key set; without it <issuer>/openid/v1/jwks.';

/** `--ca-file` */
export const caFileText = 'PEM file with the authorities to trust instead of the public ones.';
