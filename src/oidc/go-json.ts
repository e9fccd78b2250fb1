/** Characters that Go's `encoding/json` escapes so that JSON can stand inside HTML, and that JavaScript does not. */
const escaped = /[<>&\u2028\u2029]/g;

/** JSON as Go's `json.Marshal` writes it, on one line and without a final newline. https://pkg.go.dev/encoding/json#Marshal */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(escaped, character => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
