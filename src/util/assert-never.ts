/** Makes a switch over a union exhaustive for the compiler; reached only when the types lie. */
export function assertNever(value: never): never {
  throw new TypeError(`expected an exhaustive switch, found ${JSON.stringify(value)}`);
}
