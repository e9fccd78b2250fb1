import { describe, expect, test } from 'vitest';
import { findPodTemplates, parseTemplatePath, type TemplatePath } from '../../src/manifests/pod-templates.ts';

const template = { metadata: {}, spec: { containers: [] } };

function path(text: string): TemplatePath {
  const parsed = parseTemplatePath(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

describe('`findPodTemplates()`', () => {
  test.each([
    ['v1', 'Pod', template, []],
    ['v1', 'PodTemplate', { template }, ['template']],
    ['v1', 'ReplicationController', { spec: { template } }, ['spec', 'template']],
    ['apps/v1', 'Deployment', { spec: { template } }, ['spec', 'template']],
    ['apps/v1beta2', 'StatefulSet', { spec: { template } }, ['spec', 'template']],
    ['extensions/v1beta1', 'DaemonSet', { spec: { template } }, ['spec', 'template']],
    ['apps/v1', 'ReplicaSet', { spec: { template } }, ['spec', 'template']],
    ['batch/v1', 'Job', { spec: { template } }, ['spec', 'template']],
    [
      'batch/v1beta1',
      'CronJob',
      { spec: { jobTemplate: { spec: { template } } } },
      ['spec', 'jobTemplate', 'spec', 'template'],
    ],
    ['argoproj.io/v1alpha1', 'Rollout', { spec: { template } }, ['spec', 'template']],
    ['serving.knative.dev/v1', 'Service', { spec: { template } }, ['spec', 'template']],
    ['serving.knative.dev/v1', 'Configuration', { spec: { template } }, ['spec', 'template']],
  ])('finds that of %s %s', (apiVersion, kind, fields, expected) => {
    const object = { apiVersion, kind, ...fields };
    const found = findPodTemplates(object, []);
    expect(found.map(one => one.path)).toEqual([expected]);
    expect(found[0]?.template).toMatchObject(template);
  });

  test.each([
    ['a Service of the core', { apiVersion: 'v1', kind: 'Service', spec: { template } }],
    ['a Deployment of another group', { apiVersion: 'example.com/v1', kind: 'Deployment', spec: { template } }],
    [
      'a Rollout that refers to a Deployment',
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', spec: { workloadRef: {} } },
    ],
    ['a template that is no object', { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: 'x' } }],
    ['a spec that is a list', { apiVersion: 'apps/v1', kind: 'Deployment', spec: [template] }],
    ['a template by inheritance', { apiVersion: 'apps/v1', kind: 'Deployment', spec: Object.create({ template }) }],
  ])('finds none in %s', (_, object) => {
    expect(findPodTemplates(object, [])).toEqual([]);
  });

  test.each([
    { text: 'Set=spec.template', expected: [['spec', 'template']] },
    { text: 'Set.example.com=.spec.template', expected: [['spec', 'template']] },
    { text: 'Set.other.com=spec.template', expected: [] },
    { text: 'Other=spec.template', expected: [] },
    {
      text: 'Set=spec.groups[*].template',
      expected: [
        ['spec', 'groups', 0, 'template'],
        ['spec', 'groups', 1, 'template'],
      ],
    },
    { text: 'Set=spec.groups.1.template', expected: [['spec', 'groups', 1, 'template']] },
    {
      text: 'Set=spec.roles.*',
      expected: [
        ['spec', 'roles', 'a'],
        ['spec', 'roles', 'b'],
      ],
    },
    { text: 'Set=spec.nothing.*.at.all', expected: [] },
  ])('follows $text', ({ text, expected }) => {
    const spec = { template, groups: [{ template }, { template }, 'x'], roles: { a: template, b: template, c: 1 } };
    const found = findPodTemplates({ apiVersion: 'example.com/v1', kind: 'Set', spec }, [path(text)]);
    expect(found.map(one => one.path)).toEqual(expected);
  });

  test('finds a template once when two paths lead to it', () => {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template } };
    expect(findPodTemplates(object, [path('Deployment=spec.template'), path('Deployment=spec.*')])).toHaveLength(1);
  });
});

describe('`parseTemplatePath()`', () => {
  test.each([
    ['Workflow', 'expected KIND=PATH as in Workflow=spec.podTemplate, found "Workflow"'],
    ['=spec', 'expected KIND=PATH as in Workflow=spec.podTemplate, found "=spec"'],
    ['Workflow=', 'expected KIND=PATH as in Workflow=spec.podTemplate, found "Workflow="'],
    ['Work flow=spec', 'expected KIND=PATH as in Workflow=spec.podTemplate, found "Work flow=spec"'],
    [
      'Workflow=spec..template',
      'expected keys between dots, and [*] for every entry of a list, found "spec..template"',
    ],
    ['Workflow=spec[0]', 'expected keys between dots, and [*] for every entry of a list, found "spec[0]"'],
    [`Workflow=${'a.'.repeat(40)}a`, 'expected a path of at most 32 keys, found 41'],
  ])('refuses %s', (text, problem) => {
    expect(parseTemplatePath(text)).toBe(problem);
  });
});
