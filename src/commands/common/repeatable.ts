/** Gathers the values of an option that can be repeated, as commander asks for it. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
