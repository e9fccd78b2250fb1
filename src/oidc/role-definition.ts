import type { TrustPolicy } from './trust-policy.ts';

/** A role with its trust policy, as infrastructure code declares it. */
export interface RoleDefinition {
  /** Undefined where the caller names no role: whoever applies the code does. */
  readonly role: RoleName | undefined;
  readonly policy: TrustPolicy;
}

export interface RoleName {
  readonly arn: string;
  /** Begins and ends with a slash. */
  readonly path: string;
  readonly name: string;
}

/** The path and name in the ARN of a role, which has been checked. */
export function roleNameOf(arn: string): RoleName {
  const resource = arn.slice(arn.indexOf(':role/') + ':role'.length);
  const nameStart = resource.lastIndexOf('/') + 1;
  return { arn, path: resource.slice(0, nameStart), name: resource.slice(nameStart) };
}

/** Terraform: one `aws_iam_role` for each. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role */
export function toTerraform(definitions: readonly RoleDefinition[]): string {
  const taken = new Set<string>();
  return definitions.map(definition => terraformRole(definition, taken)).join('\n');
}

function terraformRole({ role, policy }: RoleDefinition, taken: Set<string>): string {
  const label = unique((role?.name ?? 'irsa').replaceAll(/[^A-Za-z0-9_-]/g, '_').replace(/^(?=[0-9-])/, '_'), taken);
  const settings = role === undefined ? [] : [`  name = ${hclString(role.name)}`];
  if (role !== undefined && role.path !== '/') settings.push(`  path = ${hclString(role.path)}`);
  const json = escapeTemplate(JSON.stringify(policy, null, 2)).replaceAll('\n', '\n  ');
  const lines = [...settings, ...(settings.length > 0 ? [''] : []), `  assume_role_policy = jsonencode(${json})`];
  return `resource "aws_iam_role" "${label}" {\n${lines.join('\n')}\n}\n`;
}

/** JSON strings are HCL's too, but for its templates: `${` and `%{`. https://developer.hashicorp.com/terraform/language/expressions/strings */
function escapeTemplate(json: string): string {
  return json.replaceAll(/[$%](?=\{)/g, '$&$&');
}

function hclString(text: string): string {
  return escapeTemplate(JSON.stringify(text));
}

/** A CloudFormation template with one `AWS::IAM::Role` for each, to be written as YAML or JSON. */
export function toCloudFormation(definitions: readonly RoleDefinition[]): object {
  const taken = new Set<string>();
  const resources = definitions.map(({ role, policy }) => {
    // Logical IDs are alphanumeric.
    const words = (role?.name ?? 'irsa').split(/[^A-Za-z0-9]+/).filter(word => word !== '');
    const id = unique(`${words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Role`, taken);
    const named = role === undefined ? {} : { RoleName: role.name, ...(role.path === '/' ? {} : { Path: role.path }) };
    return [id, { Type: 'AWS::IAM::Role', Properties: { ...named, AssumeRolePolicyDocument: policy } }];
  });
  return { AWSTemplateFormatVersion: '2010-09-09', Resources: Object.fromEntries(resources) };
}

/** Roles of different accounts or paths may have the same name. */
function unique(text: string, taken: Set<string>): string {
  let candidate = text;
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${text}${count}`;
  taken.add(candidate);
  return candidate;
}
