/** How Go writes it: `managedFields` is the last field of the metadata, and nearly always the last before the spec. */
const beginning = ',"managedFields":[{';
const end = ']},"spec":{';

/**
 * The text of a review without the entries of its pod's `managedFields`, which are a third of it, half of the time that it
 * takes to parse, and not read by anyone here. Text of any other form is given back as it is.
 *
 * Nothing else can be lost. In a JSON document both marks stand outside of strings, where quotes would be escaped. The cut
 * goes to the first closing bracket: that of `managedFields` itself, or that of a list inside its entries, and then what is
 * left is no JSON document, because it closes more than it opens.
 */
export function withoutManagedFields(review: string): string {
  const beginsAt = review.indexOf(beginning);
  if (beginsAt === -1) return review;
  const from = beginsAt + beginning.length - 1;
  const to = review.indexOf(']', from);
  return to !== -1 && review.startsWith(end, to) ? review.slice(0, from) + review.slice(to) : review;
}
