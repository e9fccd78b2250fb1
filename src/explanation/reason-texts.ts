import type { ContainerSkipReason } from '../injection/container-plan.ts';

/** Why a container is left as it is, for a person; `prefix` is that of the annotations. */
export function containerReasonText(reason: ContainerSkipReason, prefix: string): string {
  return texts[reason].replace('PREFIX', () => prefix);
}

const texts: { readonly [reason in ContainerSkipReason]: string } = {
  skip_containers_annotation: 'the pod annotation PREFIX/skip-containers names it',
  not_in_include_containers_annotation: 'the pod annotation PREFIX/include-containers does not name it',
  already_injected: 'has all that it needs',
  already_configured: 'sets identity, region and STS endpoint itself',
  malformed_container: 'env or volumeMounts is not a list, which the API server refuses',
};
