import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { PassThrough } from 'node:stream';
import { decidingCommands } from '../../src/commands/common/decision-context.ts';
import { commandIo, createProgram } from '../../src/commands/program.ts';
import { markdownTable } from './markdown-table.ts';

/** A page of the documentation that is made of the code. */
interface Page {
  readonly path: string;
  readonly render: () => string;
}

const folder = 'docs/cli';

/** The tree of commands; nothing is run. */
function program(): CommandUnknownOpts {
  const stream = new PassThrough();
  const processEvents = { onTermination: () => undefined, onUncaught: () => undefined, exit: () => undefined };
  const io = commandIo({ environment: {}, stdin: stream, stdout: stream, stderr: stream, process: processEvents });
  return createProgram({ io, settingFlags: new Map(), finish: () => undefined });
}

const commands = program().commands.filter(command => !command.name().startsWith('_') && command.name() !== 'serve');

/** One page for each command, and one that lists them. */
export const commandPages: readonly Page[] = [
  ...commands.map(command => ({ path: `${folder}/${command.name()}.md`, render: () => renderCommand(command) })),
  { path: `${folder}/README.md`, render: renderIndex },
];

function renderIndex(): string {
  const rows = commands.map(command => [`[\`irsa ${command.name()}\`](${command.name()}.md)`, command.summary()]);
  return `# The commands

One program, \`irsa\`: [\`irsa serve\`](../flags.md) is the webhook, the others are for people and their scripts. \`kubectl irsa\` is
the same where the program is on the \`PATH\` under the name \`kubectl-irsa\`. They use the webhook's own code to decide, so what
they say is what it does. None changes a cluster, and none needs AWS credentials.

${markdownTable(['command', 'what for'], rows)}

## What they have in common

- Standard output has the result and nothing else; everything else goes to standard error.
- \`-f -\` reads standard input. A folder means all its \`.yaml\`, \`.yml\` and \`.json\` files.
- JSON and YAML results carry \`apiVersion: irsa/v1\` and a \`kind\`.
- Clusters are reached as kubectl does: \`--kubeconfig\`, \`KUBECONFIG\`, \`--context\`, exec plugins such as \`aws eks get-token\`,
  impersonation; in a pod by its ServiceAccount.
- \`--color auto|always|never\`; \`NO_COLOR\` and \`FORCE_COLOR\` are heeded.
- ${decidingCommands.map(name => `\`${name}\``).join(', ')} take the webhook's own [flags](../flags.md) about identities and injection; with a cluster they begin with
  those of the webhook that is installed there.

${markdownTable(
  ['exit code', 'meaning'],
  [
    ['0', 'done; nothing was found that should fail a script'],
    ['1', 'findings'],
    ['2', 'wrong usage'],
    [
      '3',
      'could not do it: the cluster cannot be asked, a file cannot be read, input is malformed, Node.js is too old',
    ],
  ],
)}
`;
}

function renderCommand(command: CommandUnknownOpts): string {
  const deciding = decidingCommands.includes(command.name())
    ? ["It takes the webhook's [flags](../flags.md) about identities and injection too.", '']
    : [];
  return [
    `# irsa ${command.name()}`,
    '',
    ...sectionOf(command, `irsa ${command.name()}`),
    ...deciding,
    ...command.commands.flatMap(below => [
      `## irsa ${command.name()} ${below.name()}`,
      '',
      ...sectionOf(below, `irsa ${command.name()} ${below.name()}`),
    ]),
  ].join('\n');
}

function sectionOf(command: CommandUnknownOpts, path: string): readonly string[] {
  const examples = examplesOf(command);
  const rows = command.options.filter(({ hidden }) => !hidden).map(optionRow);
  const args = command.registeredArguments.map(argument => [
    `\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\``,
    withChoices(argument.description, argument.argChoices),
  ]);
  return [
    command.description() || command.summary(),
    '',
    ...(command.commands.length > 0 ? [] : ['```text', `${path} ${command.usage()}`, '```', '']),
    ...(examples === '' ? [] : ['```sh', examples, '```', '']),
    ...(args.length === 0 ? [] : [markdownTable(['argument', 'meaning'], args), '']),
    ...(rows.length === 0 ? [] : [markdownTable(['option', 'default', 'meaning'], rows), '']),
  ];
}

/** What the help shows before everything else: our examples. */
function examplesOf(command: CommandUnknownOpts): string {
  let text = '';
  command.configureOutput({ writeOut: written => (text += written) });
  command.outputHelp();
  const [before = ''] = text.split(/^Usage: /m, 1);
  return before
    .replace(/^Examples:\n/, '')
    .replaceAll(/^ {2}/gm, '')
    .trim();
}

function optionRow(option: Option): readonly string[] {
  const defaultText =
    option.defaultValue === undefined || option.defaultValue === false ? '' : `\`${String(option.defaultValue)}\``;
  return [`\`${option.flags}\``, defaultText, withChoices(option.description, option.argChoices)];
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  return choices === undefined
    ? description
    : `${description} One of ${choices.map(choice => `\`${choice}\``).join(', ')}.`;
}
