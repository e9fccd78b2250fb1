/** Causes beyond this depth say nothing new; the bound also ends a chain that is its own cause. */
const maxCauses = 4;

/** One line for a person: the error's message and those of its causes. */
export function errorText(error: unknown): string {
  const messages: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < maxCauses && current !== undefined; depth += 1) {
    const message = messageOf(current);
    if (!messages.some(earlier => earlier.includes(message))) messages.push(message);
    current = current instanceof Error ? current.cause : undefined;
  }
  return messages.join(': ');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Refused connections to several addresses arrive as an AggregateError without a message of its own.
  if (error.message === '' && error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error.message === '' ? error.name : error.message;
}
