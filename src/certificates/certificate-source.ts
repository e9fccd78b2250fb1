/** A certificate chain and its key, checked: they belong together and are valid now. */
export interface ServingCertificate {
  /** PEM, leaf first. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** End of the leaf's validity, milliseconds since the epoch. */
  readonly notAfterMs: number;
  /** SHA-256 of the leaf, colon-separated hex, for log lines and readiness. */
  readonly fingerprint: string;
}

/** Healthy when there is a certificate to serve with; else why not, in one line for `/readyz` and the log. */
export type CertificateHealth = { readonly kind: 'healthy' } | { readonly kind: 'unhealthy'; readonly detail: string };

/**
 * Where the serving certificate comes from: files today, our own authority later. The server does not know which.
 */
export interface CertificateSource {
  /** Follows the source until the signal ends it. Rejects only on a defect of ours, never on bad input. */
  run(signal: AbortSignal): Promise<void>;
  /** The last good certificate; undefined until there was one. */
  current(): ServingCertificate | undefined;
  /** Calls the listener after each change of `current()`; returns the function that ends it. */
  subscribe(listener: (certificate: ServingCertificate) => void): () => void;
  health(): CertificateHealth;
}
