import { describe, expect, test } from 'vitest';
import { ownerOf } from '../../src/audit/owner.ts';

const created = '2026-11-24T10:00:00Z';
/** Minutes since 1970 of half an hour before that. */
const scheduled = Date.parse(created) / 60_000 - 30;

describe('ownerOf()', () => {
  test.each([
    { owner: 'ReplicaSet/web-5d4f', labels: { 'pod-template-hash': '5d4f' }, expected: 'Deployment/web' },
    { owner: 'ReplicaSet/web-5d4f', labels: { 'rollouts-pod-template-hash': '5d4f' }, expected: 'Rollout/web' },
    { owner: 'ReplicaSet/web-5d4f', labels: {}, expected: 'ReplicaSet/web-5d4f' },
    { owner: 'ReplicaSet/web-5d4f', labels: { 'pod-template-hash': 'other' }, expected: 'ReplicaSet/web-5d4f' },
    { owner: 'ReplicaSet/-5d4f', labels: { 'pod-template-hash': '5d4f' }, expected: 'ReplicaSet/-5d4f' },
    { owner: 'StatefulSet/db', labels: { 'pod-template-hash': 'db' }, expected: 'StatefulSet/db' },
    { owner: 'DaemonSet/agent', labels: {}, expected: 'DaemonSet/agent' },
    { owner: `Job/backup-${scheduled}`, labels: {}, expected: 'CronJob/backup' },
    { owner: 'Job/backup-20261124', labels: {}, expected: 'Job/backup-20261124' },
    { owner: 'Job/backup-1', labels: {}, expected: 'Job/backup-1' },
    { owner: `Job/backup-${scheduled + 60}`, labels: {}, expected: `Job/backup-${scheduled + 60}` },
    { owner: 'RayCluster/ray', labels: {}, expected: 'RayCluster/ray' },
  ])('gives $expected for a pod of $owner with the labels $labels', ({ owner, labels, expected }) => {
    const [kind, name] = owner.split('/');
    const ownerReferences = [
      { kind: 'Owner', name: 'no-controller' },
      { kind, name, controller: true },
    ];
    const pod = { metadata: { name: 'pod', labels, creationTimestamp: created, ownerReferences } };
    const found = ownerOf(pod, 'ns');
    expect(`${found.kind}/${found.name}`).toBe(expected);
    expect(found.namespace).toBe('ns');
  });

  test.each([
    {},
    { metadata: { name: 'pod' } },
    { metadata: { name: 'pod', ownerReferences: [{ kind: 'X', name: 'x' }, 1] } },
  ])('gives the pod itself for %j, which no controller owns', pod => {
    expect(ownerOf(pod, 'ns').kind).toBe('Pod');
  });
});
