import { mayImport, type Room } from './may-import.ts';
import type { Import, ImportingFile } from './read-imports.ts';

/** Finds the imports that the table does not allow, and files that lie in no room; one line each. */
export function findForbidden(files: readonly ImportingFile[], table: readonly Room[] = mayImport): readonly string[] {
  return files.flatMap(({ path, imports }) => {
    const room = table.find(({ name }) => name === roomOf(path));
    if (room === undefined) return [`${path} lies in no room of scripts/imports/may-import.ts`];
    return imports
      .filter(found => !isAllowed(found, room, table))
      .map(found => `${path}:${found.line} imports ${describe(found)}; ${describeRoom(room)}`);
  });
}

/** The room of a file of `src/`. */
export function roomOf(path: string): string | undefined {
  const [folder, room, ...rest] = path.split('/');
  return folder === 'src' && rest.length > 0 ? room : undefined;
}

/** The rooms of which it may import everything. */
function roomsOf({ name, rooms }: Room, table: readonly Room[]): readonly string[] {
  if (rooms !== 'all above') return rooms;
  const names = table.map(room => room.name);
  return names.slice(0, names.indexOf(name));
}

/** Modules and files outside of `src/` that it may import, as imports name them. */
export function modulesOf({ node = [], packages = [], files = [] }: Room): readonly string[] {
  return [...node.map(name => `node:${name}`), ...packages, ...files];
}

/** Whether the import is of this module. A package includes its files; `node:fs/promises` is not `node:fs`. */
export function isOf(target: string, module: string): boolean {
  return target === module || (!module.startsWith('node:') && target.startsWith(`${module}/`));
}

function isAllowed({ target, isType }: Import, room: Room, table: readonly Room[]): boolean {
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) return modulesOf(room).some(module => isOf(target, module));
  if (targetRoom === room.name || roomsOf(room, table).includes(targetRoom)) return true;
  return isType && (room.typesOf?.includes(targetRoom) ?? false);
}

function describe({ target, isType }: Import): string {
  return isType ? `types of ${target}` : target;
}

function describeRoom(room: Room): string {
  const rooms = room.rooms === 'all above' ? ['all rooms above it'] : room.rooms.map(name => `src/${name}`);
  const types = (room.typesOf ?? []).map(name => `types of src/${name}`);
  const allowed = [...rooms, ...types, ...modulesOf(room)];
  return `src/${room.name} may import ${allowed.length === 0 ? 'only its own files' : allowed.join(', ')}`;
}
