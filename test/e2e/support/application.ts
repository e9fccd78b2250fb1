import { z } from 'zod';
import { waitFor } from '../../support/wait-for.ts';
import { programImages } from '../machine/image-names.ts';
import { apply, kubectl } from './kubectl.ts';
import type { StsStandIn } from './sts.ts';

const node = '/nodejs/bin/node';

export interface ApplicationOptions {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  readonly image?: string;
  readonly command?: readonly string[];
  /** Where AWS STS is, as far as the application knows. */
  readonly sts?: StsStandIn;
  readonly labels?: { readonly [name: string]: string };
  /** Over the default spec. */
  readonly spec?: object;
  /** Over the default container. */
  readonly container?: object;
}

/** A pod that runs once. It is given nothing of an identity but the address of the stand-in for STS. */
export function application({ namespace, name, labels = {}, ...options }: ApplicationOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: podSpec(options),
  };
}

export function podSpec(options: Omit<ApplicationOptions, 'name' | 'namespace'>): object {
  return {
    restartPolicy: 'Never',
    serviceAccountName: options.serviceAccount,
    terminationGracePeriodSeconds: 0,
    containers: [container('app', options)],
    ...options.spec,
  };
}

type ContainerOptions = Pick<ApplicationOptions, 'image' | 'command' | 'sts' | 'container'>;

export function container(
  name: string,
  { image = programImages.javascript, command, sts, ...more }: ContainerOptions,
): object {
  return {
    name,
    image,
    imagePullPolicy: 'Never',
    ...(command !== undefined && { command }),
    ...(sts !== undefined && { env: [{ name: 'AWS_ENDPOINT_URL_STS', value: sts.url }] }),
    ...more.container,
  };
}

/** A command that runs this JavaScript in the image of the applications. */
export function script(code: string): readonly string[] {
  return [node, '--input-type=module', '--eval', code];
}

export interface Pod {
  readonly spec: { readonly containers: readonly Container[] };
  readonly status: { readonly phase: string };
}

interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string | undefined }[] | undefined;
}

const podSchema: z.ZodType<Pod> = z.object({
  spec: z.object({
    containers: z.array(
      z.object({
        name: z.string(),
        env: z.array(z.object({ name: z.string(), value: z.string().optional() })).optional(),
      }),
    ),
  }),
  status: z.object({ phase: z.string() }),
});

export async function getPod(namespace: string, name: string): Promise<Pod> {
  return podSchema.parse(JSON.parse(await kubectl('get', 'pod', name, '--namespace', namespace, '--output', 'json')));
}

/** Whether its first container has been given a role. */
export function roleOf({ spec }: Pod): string | undefined {
  return spec.containers[0]?.env?.find(({ name }) => name === 'AWS_ROLE_ARN')?.value;
}

/** Creates the pod, waits for its end, and gives what its container printed. Throws when it fails. */
export async function runToEnd(options: ApplicationOptions): Promise<string> {
  const { namespace, name } = options;
  await apply(application(options));
  return outputOf(namespace, name);
}

export interface OutputOptions {
  readonly containerName?: string;
  readonly timeoutMs?: number;
}

/** What the container of the pod has printed, once the pod has ended well. */
export async function outputOf(
  namespace: string,
  name: string,
  { containerName = 'app', timeoutMs = 90_000 }: OutputOptions = {},
): Promise<string> {
  const ended = async (): Promise<string | undefined> => {
    const { phase } = (await getPod(namespace, name)).status;
    return phase === 'Succeeded' || phase === 'Failed' ? phase : undefined;
  };
  const phase = await waitFor(ended, { what: `the end of pod ${name}`, timeoutMs, intervalMs: 500 });
  const output = await kubectl('logs', name, '--namespace', namespace, '--container', containerName);
  if (phase === 'Succeeded') return output;
  throw new Error(`expected the pod ${name} to succeed, it failed and printed: ${output}`);
}
