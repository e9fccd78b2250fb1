#!/bin/sh
# Fetches a package of scripts/npm-packages.txt from the npm registry into a folder, unless the folder exists already.
# An archive whose SHA-512 is not the one in the list is refused.
#
#   fetch-npm-package.sh NAME FOLDER [LIST]      NAME is the first word of a line in LIST
set -eu

name=$1 folder=$2 list=${3:-$(dirname "$0")/npm-packages.txt}
[ ! -d "$folder" ] || exit 0

fail() {
  echo "$1" >&2
  exit 1
}

entry=$(grep "^$name " "$list") || fail "$list does not list $name"
read -r _ package version sha512 << END
$entry
END

mkdir -p "$(dirname "$folder")"
unfinished=$(mktemp -d "$folder.unfinished-XXXXXX")
trap 'rm -rf "$unfinished"' EXIT
cd "$unfinished"

# In the background, so that a signal ends npm too.
npm pack --silent --fetch-retries=1 "$package@$version" > pack.log 2>&1 &
trap "kill $! 2> /dev/null; exit 143" TERM INT
wait $! || fail "npm cannot fetch $package@$version: $(tr '\n' ' ' < pack.log)"

# Node.js of any age and system does this alike; sha512sum is not everywhere.
found=$(node -e 'const hash = require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1]));
console.log(hash.digest("base64"))' ./*.tgz)
[ "$found" = "$sha512" ] || fail "$package@$version has the SHA-512 $found instead of $sha512: it was refused"

tar -xzf ./*.tgz --no-same-owner
cd - > /dev/null
# Another process may have been quicker.
[ -d "$folder" ] || mv "$unfinished/package" "$folder"
