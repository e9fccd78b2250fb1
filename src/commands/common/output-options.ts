import { Option } from '@commander-js/extra-typings';

const colours = ['auto', 'always', 'never'] as const;

/** `--color`, as helm and kyverno have it. */
export function colourOption(): Option<
  '--color <when>',
  undefined,
  'auto',
  undefined,
  false,
  (typeof colours)[number]
> {
  return new Option('--color <when>', 'Colours: auto means on a terminal, unless NO_COLOR is set.')
    .choices(colours)
    .default('auto');
}
