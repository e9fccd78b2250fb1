import { posix } from 'node:path';
import { parseSync, Visitor, type CallExpression, type Expression } from 'oxc-parser';

/** One place of a file that names another file or a module. */
export interface Import {
  /** From 1. */
  readonly line: number;
  /**
   * A file of the repository as in `src/util/log.ts`, or a module as in `node:fs` and `zod`. What only running the code would
   * show stands in parentheses.
   */
  readonly target: string;
  /** Nothing of the target is loaded when the program runs. */
  readonly isType: boolean;
}

/** A file with its imports. */
export interface ImportingFile {
  /** As in `src/util/log.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
}

/**
 * Finds all imports of one file: declarations with and without `type`, re-exports, `import()` of values and of types,
 * `require()` and `process.getBuiltinModule()`. Throws when the text is neither TypeScript nor JavaScript.
 */
export function readImports(path: string, text: string): ImportingFile {
  const { program, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const imports: Import[] = [];
  const add = (start: number, specifier: string, isType: boolean): void => {
    imports.push({ line: text.slice(0, start).split('\n').length, target: resolve(path, specifier), isType });
  };
  new Visitor({
    // `import { type A }` without another name still loads the file, so only the `type` of the declaration counts.
    ImportDeclaration: ({ start, source, importKind }) => add(start, source.value, importKind === 'type'),
    ExportAllDeclaration: ({ start, source, exportKind }) => add(start, source.value, exportKind === 'type'),
    ExportNamedDeclaration({ start, source, exportKind }) {
      if (source !== null) add(start, source.value, exportKind === 'type');
    },
    TSImportType: ({ start, source }) => add(start, source.value, true),
    ImportExpression: ({ start, source }) => add(start, constantText(source, text), false),
    CallExpression(call) {
      const [argument] = call.arguments;
      if (!isRequire(call) || argument === undefined || argument.type === 'SpreadElement') return;
      add(call.start, constantText(argument, text), false);
    },
    TSExternalModuleReference: ({ start, expression }) => add(start, expression.value, false),
  }).visit(program);
  return { path, imports };
}

function resolve(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
}

function constantText(expression: Expression, text: string): string {
  if (expression.type === 'Literal' && typeof expression.value === 'string') return expression.value;
  const [only, ...others] = expression.type === 'TemplateLiteral' ? expression.quasis : [];
  if (only !== undefined && others.length === 0) return only.value.cooked ?? only.value.raw;
  return `(${text.slice(expression.start, expression.end)})`;
}

/** Whether it loads a module without an import. */
function isRequire({ callee }: CallExpression): boolean {
  if (callee.type === 'Identifier') return callee.name === 'require';
  return callee.type === 'MemberExpression' && !callee.computed && callee.property.name === 'getBuiltinModule';
}
