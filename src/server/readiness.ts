import { assertNever } from '../util/assert-never.ts';
import type { Health } from '../util/health.ts';

/** One of the things that must be well for this replica to get traffic. */
export interface ReadinessCheck {
  readonly name: string;
  readonly health: () => Health;
}

export interface ReadinessReport {
  readonly isReady: boolean;
  /** One line per check, in the form that the API server's own `/readyz?verbose` has. */
  readonly body: string;
}

export function reportReadiness(checks: readonly ReadinessCheck[]): ReadinessReport {
  const results = checks.map(({ name, health }) => ({ name, health: health() }));
  return {
    isReady: results.every(({ health }) => health.kind !== 'unhealthy'),
    body: results.map(({ name, health }) => `${describe(name, health)}\n`).join(''),
  };
}

function describe(name: string, health: Health): string {
  switch (health.kind) {
    case 'healthy':
      return `[+]${name} ok`;
    case 'degraded':
      return `[+]${name} ok, but degraded: ${oneLine(health.detail)}`;
    case 'unhealthy':
      return `[-]${name} failed: ${oneLine(health.detail)}`;
    default:
      return assertNever(health);
  }
}

function oneLine(detail: string): string {
  return detail.replaceAll(/\s+/g, ' ');
}
