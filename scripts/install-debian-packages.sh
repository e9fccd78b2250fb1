#!/bin/sh
# Installs Debian packages that this machine lacks: as root on Debian or Ubuntu. Anybody else gets one line that says what is
# missing, and it fails.
#
#   install-debian-packages.sh PACKAGE...
set -eu

# Succeeds when the machine has what is needed of a package, however it was installed.
is_there() {
  case $1 in
    # The Node.js of the npm registry is linked with libatomic.so.1, which a small Debian lacks.
    libatomic1) [ -n "$(find /lib /usr/lib /usr/local/lib -maxdepth 2 -name 'libatomic.so.1' 2> /dev/null)" ] ;;
    # The tests of `irsa completion` run the scripts in these shells.
    fish | zsh) command -v "$1" ;;
    # OpenSSL judges the certificates that the webhook makes.
    openssl) command -v openssl ;;
    # The private Docker engine of `make e2e` sets up its network with ip.
    iproute2) command -v ip ;;
    *) echo "no reason is known for $1" >&2 && exit 1 ;;
  esac > /dev/null
}

missing=
for package in "$@"; do
  is_there "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

fail() {
  echo "This machine lacks$missing (Debian packages)$1: root installs them with apt-get install$missing" >&2
  exit 1
}
[ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || fail ''

echo "Installing Debian packages:$missing" >&2
# Others may be installing at the same time.
lock_seconds=300
apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=$lock_seconds "$@" > /dev/null
}
apt_get update || fail ', and apt-get update failed'
apt_get install --no-install-recommends $missing || fail ', and apt-get install failed'
