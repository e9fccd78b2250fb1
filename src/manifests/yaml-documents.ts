import {
  Composer,
  LineCounter,
  Parser,
  type CST,
  type Document,
  type Node,
  type DocumentOptions,
  type ParseOptions,
  type ScalarTag,
  type SchemaOptions,
  type Tags,
} from 'yaml';
import { errorText } from '../util/error-text.ts';
import { isExpandable, maxNesting } from './nesting.ts';
import { ManifestProblem } from './manifest-problem.ts';

/** A document of a text, not empty, with its syntax tree: offsets are those of the whole text. */
export interface YamlDocument {
  /** Place among all documents of the text, from 1; empty ones count. */
  readonly number: number;
  readonly tree: Document.Parsed;
  /** What it means; aliases are shared references. */
  readonly value: unknown;
  /** The line, from 1, on which the node begins; without one, on which the document does. */
  readonly lineOf: (node: Node | null) => number;
}

/** The tree takes about a hundred times the memory of its text. Helm's limit for a whole release is 1 MiB. */
export const maxYamlCharacters: number = 16 * 1024 * 1024;

/** More than the objects of most clusters. */
const maxDocuments = 20_000;

/**
 * Aliases of a document times its values: what the library does at most to look up aliases and to copy what `<<` merges. A
 * document of 1 MiB may have about two hundred aliases. What they expand to is bounded by `isExpandable`.
 */
const maxAliasWork = 20_000_000;

/** Reads the documents of a text one by one, so that only one tree is in memory. Throws ManifestProblem. */
export function* readYamlDocuments(text: string, source: string): Generator<YamlDocument> {
  if (text.length > maxYamlCharacters) {
    const expected = `expected JSON, or YAML of at most ${maxYamlCharacters} characters`;
    throw new ManifestProblem({ source, line: 1 }, `${expected}, found ${text.length}`);
  }
  const lines = new LineCounter();
  const fail = (offset: number, message: string, cause?: unknown): ManifestProblem =>
    new ManifestProblem({ source, line: lineAt(lines, offset) }, message, { cause });
  const tokens = new Parser(lines.addNewLine).parse(text);
  let number = 0;
  for (const tree of new Composer(kubectlDialect).compose(withinLimits(tokens, fail))) {
    number += 1;
    if (number > maxDocuments) throw fail(tree.range[0], `expected at most ${maxDocuments} documents, found more`);
    const [error] = tree.errors;
    if (error !== undefined) throw fail(error.pos[0], `expected YAML, found: ${error.message}`);
    if (tree.contents === null) continue;
    const value = valueOf(tree, fail);
    if (value === null) continue;
    yield { number, tree, value, lineOf: node => lineAt(lines, (node ?? tree.contents)?.range?.[0] ?? 0) };
  }
}

type Fail = (offset: number, message: string, cause?: unknown) => ManifestProblem;

function lineAt(lines: LineCounter, offset: number): number {
  // Line 0 stands for a text without any line.
  return Math.max(1, lines.linePos(offset).line);
}

function valueOf(tree: Document.Parsed, fail: Fail): unknown {
  const offset = tree.contents?.range[0] ?? tree.range[0];
  try {
    const value: unknown = tree.toJS({ maxAliasCount: -1 });
    if (isExpandable(value)) return value;
  } catch (error) {
    // An alias without an anchor, or within its own.
    throw fail(offset, `expected YAML whose aliases can be resolved, found: ${errorText(error)}`, error);
  }
  const expected = `expected at most ${maxNesting} levels, and aliases that repeat a little`;
  throw fail(offset, `${expected}, found more`);
}

/** The tree is made by recursion, and aliases are looked up one by one: depth and number are looked at before. */
function* withinLimits(tokens: Iterable<CST.Token>, fail: Fail): Generator<CST.Token> {
  for (const token of tokens) {
    let values = 0;
    let aliases = 0;
    let level = [token];
    for (let depth = 0; level.length > 0; depth += 1) {
      if (depth > maxNesting) throw fail(token.offset, `expected at most ${maxNesting} levels, found more`);
      values += level.length;
      aliases += level.filter(({ type }) => type === 'alias').length;
      level = level.flatMap(tokensIn);
    }
    if (aliases * values > maxAliasWork) {
      throw fail(token.offset, `expected fewer aliases in a document of ${values} values, found ${aliases}`);
    }
    yield token;
  }
}

function tokensIn(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter(child => child !== null && child !== undefined));
}

/**
 * YAML as kubectl reads it: goyaml.v2 resolves scalars by YAML 1.1 (`on` is a boolean, `0644` is octal, `<<` merges), but
 * leaves sexagesimal numbers, dates and sets as the texts they are. https://github.com/kubernetes-sigs/yaml
 */
const kubectlDialect: DocumentOptions & ParseOptions & SchemaOptions = {
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
