/** Images that others are made from. */
export interface Bases {
  readonly build: string;
  readonly runtime: string;
  readonly python: string;
  readonly prometheus: string;
}

/** From the registry; those of our own Dockerfile are its defaults. */
export const publicBases: Bases = {
  build: 'docker.io/library/node:26-trixie-slim',
  runtime: 'gcr.io/distroless/nodejs26-debian13:nonroot',
  python: 'docker.io/library/python:3.13-slim',
  prometheus: 'docker.io/prom/prometheus:v3.7.3',
};

export const webhookImage = 'localhost/irsa-webhook:e2e';
export const programImages = {
  javascript: 'localhost/irsa-e2e-javascript:1',
  python: 'localhost/irsa-e2e-python:1',
  go: 'localhost/irsa-e2e-go:1',
  prometheus: 'localhost/irsa-e2e-prometheus:1',
} as const;
