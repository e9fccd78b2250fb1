/** A role as long as IAM allows: a path of 512 characters with its slashes, and a name of 64. */
export const longestRole: string = `arn:aws:iam::111122223333:role/${'p'.repeat(510)}/${'n'.repeat(64)}`;

/** Longer than IAM allows. */
export const longRole: string = `arn:aws:iam::111122223333:role/${'x'.repeat(2_000)}`;
