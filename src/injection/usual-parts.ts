import type { Identity } from '../identity/identity.ts';
import { toWindowsPath } from './operating-system.ts';
import {
  identityGroup,
  settingGroups,
  type EnvironmentVariable,
  type VariableGroup,
  type VolumeMount,
} from './parts.ts';
import type { InjectionSettings } from './settings.ts';

/** What one container of a pod gets like another: made once, and rendered once. */
export interface UsualParts {
  readonly groups: readonly VariableGroup[];
  /** Those of all groups, for a container that has none yet. */
  readonly variables: readonly EnvironmentVariable[];
  readonly mount: VolumeMount;
}

/** What the variables depend on beside the token file. */
export interface VariablesContext {
  readonly identity: Identity;
  readonly settings: InjectionSettings;
  readonly windows: boolean;
  /** Set when containers are to get a session name. */
  readonly sessionName: EnvironmentVariable | undefined;
}

/** `tokenFile` is a Unix path. */
export function usualParts(context: VariablesContext, tokenFile: string, mount: VolumeMount): UsualParts {
  const groups = variableGroups(context, tokenFile);
  return { groups, variables: groups.flatMap(({ variables }) => variables), mount };
}

/** The variables that containers are to have, in the order in which they are appended. */
export function variableGroups(
  { identity, settings, sessionName, windows }: VariablesContext,
  tokenFile: string,
): readonly VariableGroup[] {
  const path = windows ? toWindowsPath(tokenFile) : tokenFile;
  const groups = [...settingGroups(identity, settings), identityGroup(identity, settings, path)];
  return sessionName === undefined ? groups : [...groups, { rule: 'each', variables: [sessionName] }];
}
