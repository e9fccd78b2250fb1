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
