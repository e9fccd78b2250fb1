/** The bytes of request bodies that may be held at once. */
export interface BodyBudget {
  /** Takes that many bytes; false if they are not there. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

export function createBodyBudget(totalBytes: number): BodyBudget {
  let freeBytes = totalBytes;
  return {
    reserve(bytes) {
      if (bytes > freeBytes) return false;
      freeBytes -= bytes;
      return true;
    },
    release(bytes) {
      freeBytes += bytes;
    },
  };
}
