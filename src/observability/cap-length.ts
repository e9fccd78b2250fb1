// The longest value that is right is a role ARN (20 + 12 + 512 + 64 characters); texts of ours are shorter than this.
const maxLength = 1_024;

/** A log value of bounded length: clients choose names and annotations before anyone has checked them. */
export function capLength(value: string): string {
  return value.length > maxLength ? `${value.slice(0, maxLength)}…` : value;
}
