import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client';

interface CommonOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  readonly registers: Registry[];
}

function commonOptions<L extends string>(registry: Registry, { name, help, labels }: MetricSpec<L>): CommonOptions<L> {
  return { name, help, labelNames: labels.map(label => label.name), registers: [registry] };
}

/** Registers a counter, with every series that can be listed at 0: one that appears later hides its first increase. */
export function registerCounter<L extends string>(registry: Registry, spec: MetricSpec<L>): Counter<L> {
  const counter = new Counter<L>(commonOptions(registry, spec));
  for (const values of combinationsOf(spec.labels.map(label => label.values))) counter.labels(...values).inc(0);
  return counter;
}

export function registerGauge<L extends string>(registry: Registry, spec: MetricSpec<L>): Gauge<L> {
  return new Gauge<L>(commonOptions(registry, spec));
}

export function registerHistogram<L extends string>(registry: Registry, spec: MetricSpec<L>): Histogram<L> {
  return new Histogram<L>({ ...commonOptions(registry, spec), buckets: [...(spec.buckets ?? [])] });
}

/** One value from each list, in every combination; none when a list is empty. */
function combinationsOf(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return lists.reduce<readonly (readonly string[])[]>(
    (combinations, values) => combinations.flatMap(combination => values.map(value => [...combination, value])),
    [[]],
  );
}

/** One series as it is documented and exported. */
export interface MetricSpec<L extends string = string> {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly MetricLabel<L>[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

export interface MetricLabel<L extends string = string> {
  readonly name: L;
  /** All its values; empty where they cannot be listed. */
  readonly values: readonly string[];
}
