/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const maxLabelCharacters = 63;
const maxSubdomainCharacters = 253;

/** True when the text can be the name of a namespace (DNS label). */
export function isNamespaceName(text: string): boolean {
  return text.length <= maxLabelCharacters && label.test(text);
}

/** True when the text can be the name of a ServiceAccount (DNS subdomain; its labels may be longer than 63 characters). */
export function isServiceAccountName(text: string): boolean {
  return text.length <= maxSubdomainCharacters && text.split('.').every(part => label.test(part));
}
