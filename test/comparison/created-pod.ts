import type { JsonObject } from '../../src/util/json.ts';
import { injected, knowledgeOf, type World } from '../audit/support.ts';

/** The pod that the webhook lets in when it is created from this template. */
export function createdFrom(template: JsonObject, world: World): JsonObject {
  const { settings, answer, isPassedOver } = knowledgeOf(template, world);
  return answer.kind === 'identity' && !isPassedOver ? injected(template, answer.identity, settings) : template;
}
