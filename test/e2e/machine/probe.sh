#!/bin/sh
# Says in one line what this machine lacks for a private Docker engine with a node in it, and fails then.
#
#   probe.sh FOLDER [ROOT]      FOLDER is where the engine is to keep its images; with ROOT, the engine's, the network too
set -eu

folder=$1 root=${2:-}
lacks() {
  echo "$1"
  exit 1
}
apart() {
  unshare --mount --net --pid --fork --mount-proc --propagation private sh -euc "$@" 2> /dev/null
}

[ "$(id -u)" = 0 ] || lacks 'root'
{ command -v apt-get && command -v dpkg-deb; } > /dev/null || lacks 'Debian or Ubuntu'
go version 2> /dev/null | grep -Eq 'go1\.(2[6-9]|[3-9][0-9])' || lacks 'Go 1.26 or newer'
apart true || lacks 'the right to make namespaces of mounts, networks and processes'

mkdir -p "$folder"
trial=$(mktemp -d "$folder/probe.XXXXXX")
trap 'rm -rf "$trial"' EXIT
mkdir "$trial/lower" "$trial/upper" "$trial/work" "$trial/merged"
overlay='cd "$1" && mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged'
apart "$overlay" sh "$trial" || lacks "a file system under $folder that can hold overlay mounts"

# Of version 2, the controllers must be there to hand on, which they are not in a container's cgroup that holds processes itself.
cgroups=/sys/fs/cgroup
if [ -e $cgroups/cgroup.controllers ]; then
  for controller in cpu memory pids; do
    grep -qw $controller $cgroups/cgroup.subtree_control || echo +$controller 2> /dev/null > $cgroups/cgroup.subtree_control ||
      lacks "the cgroup controller $controller to hand on"
  done
else
  cgroups=$cgroups/memory
fi
{ mkdir $cgroups/irsa-e2e-probe && rmdir $cgroups/irsa-e2e-probe; } 2> /dev/null || lacks "the right to make cgroups in $cgroups"

[ -n "$root" ] || exit 0
network='
  mount --bind "$1" "$1" && mkdir -p "$1/proc" && mount --rbind /proc "$1/proc" && mount -t tmpfs tmpfs "$1/run" && chroot "$1" sh -euc "
    ip link add bridge0 type bridge
    ip link add veth0 type veth peer name veth1
    echo 1 > /proc/sys/net/ipv4/ip_forward
    iptables -t nat -A POSTROUTING -j MASQUERADE
    iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
  "'
apart "$network" sh "$root" || lacks 'bridges, veth pairs or iptables with nat and conntrack in a network of its own'
