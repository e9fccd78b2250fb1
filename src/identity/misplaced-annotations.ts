import { isObject, ownField, ownString, type JsonObject } from '../util/json.ts';
import { quote } from '../util/text.ts';
import type { Notice } from './notice.ts';

/** The annotations that only a pod may have. */
const podAnnotations = ['skip-containers', 'include-containers'] as const;

/** What a ServiceAccount's annotations were meant to be, and are not: a misspelt role, or one of a pod's annotations. */
export function misplacedOnAccount(annotations: JsonObject | undefined, prefix: string): readonly Notice[] {
  if (annotations === undefined) return [];
  const lists = podAnnotations.filter(name => ownString(annotations, `${prefix}/${name}`) !== undefined);
  return [
    ...lists.map((name): Notice => {
      const detail = `ServiceAccount annotation ${prefix}/${name} has no effect: it belongs on the pod`;
      return { code: 'list_on_the_service_account', detail };
    }),
    ...misspelt(annotations, prefix),
  ];
}

function misspelt(annotations: JsonObject, prefix: string): readonly Notice[] {
  const wanted = `${prefix}/role-arn`;
  if (ownField(annotations, wanted) !== undefined) return [];
  const found = Object.keys(annotations).find(name => isMeantAs(wanted, name));
  if (found === undefined) return [];
  const detail = `ServiceAccount annotation ${quote(found)} has no effect: the webhook reads ${wanted}`;
  return [{ code: 'annotation_misspelt', detail }];
}

/**
 * True for `role-arn` with other letters between or around, under our prefix or one that begins and ends as ours does. Another
 * prefix may be that of another webhook, and `iam.amazonaws.com/role` is that of kube2iam and kiam.
 */
function isMeantAs(wanted: string, name: string): boolean {
  const [prefix = '', key] = name.split('/', 2);
  const [wantedPrefix = ''] = wanted.split('/', 1);
  if (key === undefined || !isLike(prefix, wantedPrefix)) return false;
  const meaning = meaningOfKey(key);
  return meaning === 'role_arn' || (meaning === 'some_role' && prefix === wantedPrefix);
}

/** Returns what the part of a name behind its prefix was meant to be, by its letters: `role-arn`, or something about a role. */
export function meaningOfKey(key: string): 'role_arn' | 'some_role' | 'other' {
  const letters = key.toLowerCase().replaceAll(/[^a-z]/g, '');
  if (letters === 'rolearn' || letters === 'iamrolearn') return 'role_arn';
  return letters.includes('role') ? 'some_role' : 'other';
}

function isLike(prefix: string, wanted: string): boolean {
  const ends = (text: string): string => `${text.split('.', 1)[0]}.${text.slice(text.lastIndexOf('.') + 1)}`;
  return prefix === wanted || ends(prefix) === ends(wanted);
}

/** The notice of a role on the pod, where nothing reads it. */
export function misplacedOnPod(annotations: JsonObject | undefined, prefix: string): readonly Notice[] {
  const name = `${prefix}/role-arn`;
  if (!isObject(annotations) || ownField(annotations, name) === undefined) return [];
  const detail = `pod annotation ${name} has no effect: it belongs on the ServiceAccount`;
  return [{ code: 'annotation_on_the_wrong_object', detail }];
}
