/**
 * A piece takes about 5 µs, however short it is: a TLS record, or a chunk of a body. Records of Go hold 1 KB or more, and other
 * clients write their headers in few.
 */
const freePieces = 128;
const bytesAPiece = 100;

/** Whether bytes came in more pieces than any client makes that means well. */
export function hasTooManyPieces(pieces: number, bytes: number): boolean {
  return pieces > freePieces + bytes / bytesAPiece;
}
