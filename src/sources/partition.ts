/** The partition that a region belongs to, for example `aws-cn`. The library is loaded only now: it costs 15 MB. */
export async function partitionOf(region: string): Promise<string> {
  const { partition } = await import('@aws-sdk/util-endpoints');
  return partition(region).name;
}
