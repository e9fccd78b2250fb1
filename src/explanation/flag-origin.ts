/** Who gave a setting of the webhook its value. */
export interface FlagOrigin {
  readonly from: 'flag' | 'environment' | 'installed' | 'default';
  /** As it was written, for example `IRSA_TOKEN_AUDIENCE`. */
  readonly label: string;
}

/** By the name of the flag, without its dashes. */
export type FlagOrigins = ReadonlyMap<string, FlagOrigin>;

/** The origin of this flag, and how a person reads it. */
export function describeFlag(
  name: string,
  origins: FlagOrigins,
): { readonly from: FlagOrigin['from']; readonly detail: string } {
  const { from, label } = origins.get(name) ?? { from: 'default', label: `--${name}` };
  if (from === 'default') return { from, detail: `default of --${name}` };
  return {
    from,
    detail: from === 'flag' ? `flag ${label}` : from === 'environment' ? `environment variable ${label}` : label,
  };
}
