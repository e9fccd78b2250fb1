// What the demo calls things. Its own namespace, so that nothing else on a given cluster is concerned.

export const namespace = 'irsa-demo';
/** Of the role, the webhook configuration and the webhook's ServiceAccount. */
export const webhookName = 'irsa-demo';
export const accountId = '111122223333';
export const roleArn: string = `arn:aws:iam::${accountId}:role/demo`;
export const region = 'eu-central-1';
/** The ServiceAccount with a role, and its pod. */
export const app = 'app';
/** The ServiceAccount without one, and its pod. */
export const plain = 'plain';
