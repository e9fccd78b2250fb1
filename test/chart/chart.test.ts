// What holds for the chart whatever the values.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseServeArguments } from '../../src/configuration/parse-serve-arguments.ts';
import type { JsonObject } from '../../src/util/json.ts';
import {
  chart,
  find,
  parseObjects,
  readValuesFiles,
  render,
  renderText,
  runHelm,
  type KubernetesObject,
  type RenderOptions,
} from './helm.ts';
import { podSpecOf } from './pod-spec.ts';
import { validateObject } from './validate-object.ts';

const files = await readValuesFiles();

describe('the names of the chart', () => {
  const longest = 63;
  test.each<{ what: string; options: RenderOptions }>([
    { what: 'the longest release', options: { release: 'r'.repeat(53) } },
    { what: 'long overrides', options: { values: { nameOverride: 'n'.repeat(80), fullnameOverride: 'f'.repeat(80) } } },
  ])('fit with $what', async ({ options: { values, ...options } }) => {
    const pki = { certManager: { enabled: true } };
    const all = { pki, metrics: { grafanaDashboard: { enabled: true } }, validatingAdmissionPolicy: { enabled: true } };
    for (const { kind, metadata } of await render({ ...options, values: { ...all, ...values } })) {
      expect(metadata.name.length, `${kind} ${metadata.name}`).toBeLessThanOrEqual(longest);
      const labels = Object.values(metadata['labels'] as Record<string, string>);
      for (const label of labels) expect(label.length, `${kind} ${label}`).toBeLessThanOrEqual(longest);
    }
  });

  test('do not repeat the chart’s where the release has it', async () => {
    const nameFor = async (release: string): Promise<string> =>
      find(await render({ release }), 'Service').metadata.name;
    expect(await nameFor('irsa-webhook')).toBe('irsa-webhook');
    expect(await nameFor('my-irsa-webhook')).toBe('my-irsa-webhook');
    expect(await nameFor('my')).toBe('my-irsa-webhook');
  });
});

describe('Chart.yaml', () => {
  test('has the version of the program', async () => {
    const read = async (...path: readonly string[]): Promise<JsonObject> =>
      parse(await readFile(join(chart, ...path), 'utf8'));
    const [{ version, appVersion, annotations }, program] = [
      await read('Chart.yaml'),
      await read('..', '..', 'package.json'),
    ];
    expect({ version, appVersion }).toEqual({ version: program['version'], appVersion: program['version'] });
    const images = (annotations as Record<string, string>)['artifacthub.io/images'];
    expect(images).toContain(podSpecOf(find(await render(), 'Deployment')).containers[0].image);
  });
});

describe.each(files)('the chart with values $name', ({ values }) => {
  let text = '';
  let objects: readonly KubernetesObject[] = [];
  const rendered = async (): Promise<readonly KubernetesObject[]> => {
    text ||= await renderText({ values });
    objects = parseObjects(text);
    return objects;
  };

  test('renders objects whose fields have the right types, and none twice', async () => {
    for (const object of await rendered()) {
      await expect(validateObject(object), `${object.kind} ${object.metadata.name}`).resolves.toBeUndefined();
    }
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('renders the same each time', async () => {
    await rendered();
    expect(await renderText({ values })).toBe(text);
  });

  test('gives the webhook flags that it takes', async () => {
    const { command, args } = podSpecOf(find(await rendered(), 'Deployment')).containers[0];
    expect(command).toEqual(['/webhook']);
    expect(parseServeArguments(args ?? [], {})).toMatchObject({ kind: 'settings', notices: [] });
  });

  test('has the Service, the selectors and the registration meet', async () => {
    const [deployment, service] = [find(await rendered(), 'Deployment'), find(objects, 'Service')];
    const { template, selector } = deployment['spec'] as Workload;
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    const { ports, ...spec } = service['spec'] as ServiceSpec;
    expect(spec.selector).toEqual(selector.matchLabels);
    const containerPorts = podSpecOf(deployment).containers[0].ports?.map(port => port.name);
    for (const port of ports) expect(containerPorts).toContain(port.targetPort);
    for (const hook of find(objects, 'MutatingWebhookConfiguration')['webhooks'] as Hook[]) {
      expect(hook.clientConfig.service).toEqual({
        name: service.metadata.name,
        namespace: service.metadata.namespace,
        path: '/mutate',
        port: ports.find(port => port.name === 'https')?.port,
      });
    }
  });

  test('labels every object with who made it', async () => {
    for (const { kind, metadata } of await rendered()) {
      if (metadata.name.startsWith('irsa-webhook-extra') || metadata.name.startsWith('irsa-webhook-text')) continue;
      const { 'app.kubernetes.io/name': name, ...labels } = metadata['labels'] as Record<string, string>;
      expect(name, `${kind} ${metadata.name}`).toBeTruthy();
      expect(labels, `${kind} ${metadata.name}`).toMatchObject({ 'app.kubernetes.io/instance': 'irsa-webhook' });
    }
  });

  test('passes helm lint', async () => {
    const { code, stdout } = await runHelm(['lint', '--strict'], { values });
    expect({ code, stdout }).toMatchObject({ code: 0 });
  });
});

interface Workload {
  readonly selector: { readonly matchLabels: Record<string, string> };
  readonly template: { readonly metadata: { readonly labels: Record<string, string> } };
}

interface ServiceSpec {
  readonly selector: Record<string, string>;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
}

interface Hook {
  readonly clientConfig: { readonly service: object };
}
