import { describe, expect, test } from 'vitest';
import { CommandFailure } from '../../../src/commands/common/command-failure.ts';
import { parseLabelSelector } from '../../../src/commands/audit/audit-dump.ts';
import { matchesLabels } from '../../../src/kubernetes/objects.ts';

describe('parseLabelSelector()', () => {
  test.each([
    { text: '', labels: {}, matches: true },
    { text: 'app=web', labels: { app: 'web' }, matches: true },
    { text: 'app==web', labels: { app: 'web' }, matches: true },
    { text: 'app=web', labels: { app: 'db' }, matches: false },
    { text: 'app=', labels: { app: '' }, matches: true },
    { text: 'app!=web', labels: { app: 'db' }, matches: true },
    { text: 'app!=web', labels: {}, matches: true },
    { text: 'app!=web', labels: { app: 'web' }, matches: false },
    { text: 'app in (web, db)', labels: { app: 'db' }, matches: true },
    { text: 'app in (web,db)', labels: {}, matches: false },
    { text: 'app notin (web)', labels: { app: 'db' }, matches: true },
    { text: 'app', labels: { app: '' }, matches: true },
    { text: 'app', labels: {}, matches: false },
    { text: '!app', labels: {}, matches: true },
    { text: '! app', labels: { app: 'x' }, matches: false },
    {
      text: 'app.kubernetes.io/name=web , tier',
      labels: { 'app.kubernetes.io/name': 'web', tier: 'x' },
      matches: true,
    },
    { text: 'app.kubernetes.io/name=web,tier', labels: { 'app.kubernetes.io/name': 'web' }, matches: false },
    { text: 'in in (in)', labels: { in: 'in' }, matches: true },
  ])('reads $text so that it matches $labels: $matches', ({ text, labels, matches }) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches);
  });

  test.each(['=', 'app=a b', 'app in web', 'app in (web', 'app=web;tier=x', ',app', 'app,', 'app,,tier', '-app'])(
    'refuses %j',
    text => {
      expect(() => parseLabelSelector(text)).toThrow(CommandFailure);
    },
  );
});
