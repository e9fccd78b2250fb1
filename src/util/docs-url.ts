/** Where the source and its documentation are. The image has the same name in its registry. */
const home = 'https://github.com/irsa-webhook/irsa-webhook';

/** Returns the address of a page of the documentation, as of `check.md#replicas`: who has only the program has no `docs/`. */
export function docsUrl(page: string): string {
  return `${home}/blob/main/docs/${page}`;
}
