import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions, Tags } from 'yaml';

/**
 * YAML as kubectl reads it: goyaml.v2 resolves scalars by YAML 1.1 (`on` is a boolean, `0644` is octal, `<<` merges), but
 * leaves sexagesimal numbers, dates and sets as the texts they are. https://github.com/kubernetes-sigs/yaml
 */
export const kubectlDialect: DocumentOptions & ParseOptions & SchemaOptions = {
  version: '1.1',
  schema: 'yaml-1.1',
  merge: true,
  customTags: tags => [...tags.filter(isResolvedByKubectl), octal],
  // Of duplicate keys the last counts, as in kubectl; the check would also take quadratic time.
  uniqueKeys: false,
  // The splicing of manifests needs the columns of collections.
  keepSourceTokens: true,
  // Messages are ours; the library's would repeat lines of the input, which may hold secrets.
  prettyErrors: false,
  // What the library warns of, such as an unknown tag, is the API server's to judge.
  logLevel: 'silent',
};

/** goyaml.v2 takes the octal numbers of YAML 1.2 too. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  format: 'OCT',
  test: /^0o[0-7_]+$/,
  resolve: text => Number(text.replaceAll('_', '')),
};

const unresolvedTags: ReadonlySet<string> = new Set(['binary', 'omap', 'pairs', 'set', 'timestamp']);

function isResolvedByKubectl(tag: Tags[number]): boolean {
  if (typeof tag === 'string') return true;
  const isSexagesimal = 'format' in tag && tag.format === 'TIME';
  return !isSexagesimal && !unresolvedTags.has(tag.tag.replace('tag:yaml.org,2002:', ''));
}
