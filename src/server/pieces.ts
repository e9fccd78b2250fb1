/**
 * A piece takes about 5 µs, however short it is: a TLS record, or a chunk of a body. Records of Go hold 1 KB or more, and other
 * clients write their headers in few.
 */
const freePieces = 128;
const bytesAPiece = 100;

/**
 * Whether a body came in more pieces than any client makes that means well. Those of headers are not counted: Node.js reads
 * them without JavaScript, unless somebody listens for the data of the socket, which takes a fifth more of all processor time.
 */
export function hasTooManyPieces(pieces: number, bytes: number): boolean {
  return pieces > freePieces + bytes / bytesAPiece;
}
