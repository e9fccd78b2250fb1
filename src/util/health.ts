/** How a long-lived part fares: what `/readyz` and the log say about it. */
export type Health =
  | { readonly kind: 'healthy' }
  /** Does its work from what it knows, but cannot learn more at present. Not a reason to get no traffic. */
  | { readonly kind: 'degraded'; readonly detail: string }
  /** Cannot do its work. */
  | { readonly kind: 'unhealthy'; readonly detail: string };
