import { isOf, modulesOf, roomOf } from './find-forbidden.ts';
import { mayImport, type Room } from './may-import.ts';
import type { ImportingFile } from './read-imports.ts';

/** Finds what is wrong with the table itself, so that it says what is and not what was; one line each. */
export function checkTable(files: readonly ImportingFile[], table: readonly Room[] = mayImport): readonly string[] {
  return table.flatMap((room, index) => {
    const own = files.filter(({ path }) => roomOf(path) === room.name);
    if (own.length === 0) return [`src/${room.name} has a row in the table, but no files`];
    const above = table.slice(0, index).map(({ name }) => name);
    return [...checkOrder(room, above), ...checkReasons(room), ...findUnused(room, own)];
  });
}

function checkOrder(room: Room, above: readonly string[]): readonly string[] {
  return namedRooms(room)
    .filter(name => !above.includes(name))
    .map(name => `src/${room.name} may not name src/${name}, which does not stand above it`);
}

function checkReasons({ name, isPure, node = [], packages, typesOf, files, because }: Room): readonly string[] {
  const hasException = [packages, typesOf, files].some(list => list !== undefined);
  return [
    ...(isPure && node.length > 0 ? [`src/${name} is pure, so it may not name modules of Node.js`] : []),
    ...(hasException && because === undefined ? [`src/${name} needs a reason (because) for what it names`] : []),
  ];
}

function findUnused(room: Room, own: readonly ImportingFile[]): readonly string[] {
  const targets = own.flatMap(({ imports }) => imports.map(({ target }) => target));
  const rooms = namedRooms(room).filter(name => !targets.some(target => roomOf(target) === name));
  const modules = modulesOf(room).filter(module => !targets.some(target => isOf(target, module)));
  return [...rooms.map(name => `src/${name}`), ...modules].map(
    what => `src/${room.name} may import ${what}, which none of its files does: remove it from the table`,
  );
}

function namedRooms({ rooms, typesOf = [] }: Room): readonly string[] {
  return [...(rooms === 'all above' ? [] : rooms), ...typesOf];
}
