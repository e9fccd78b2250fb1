import type { SourceSettings } from '../../configuration/source-settings.ts';
import { defaultReflectorSettings, type ReflectorSettings } from '../../kubernetes/watch-state.ts';

/** How every resource is followed, as the flags say. */
export function reflectorSettings({ silenceMs, watchList, listPageSize }: SourceSettings): ReflectorSettings {
  return { ...defaultReflectorSettings, silenceMs, streamsLists: watchList, pageSize: listPageSize };
}
