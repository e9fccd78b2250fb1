#!/bin/sh
# Runs a command with a Docker engine of its own, which nobody else on the machine sees and which cannot outlive it:
#
#   engine.sh own|host ENGINE_ROOT STATE command...
#
# Its standard input is its lifeline: when that ends, so does everything.
#
# The engine lives in its own mount and process namespaces, with `own` in its own network too. When the first process there
# ends, for whatever reason, the kernel removes every process, mount, bridge and packet-filter rule. What is left are empty
# cgroups, removed here.
set -eu

network=$1 root=$2 state=$3
shift 3
cgroup=irsa-e2e

remove_cgroups() {
  find /sys/fs/cgroup -maxdepth 2 -type d -name $cgroup 2> /dev/null | while read -r folder; do
    find "$folder" -depth -type d -exec rmdir {} + 2> /dev/null || true
  done
}

# The kubelet writes these, and they are the whole machine's.
restore_settings() {
  [ -e "$state/settings" ] || return 0
  while read -r name value; do
    echo "$value" > "/proc/sys/$name"
  done < "$state/settings"
  rm "$state/settings"
}

save_settings() {
  for name in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
    echo "$name $(cat "/proc/sys/$name")"
  done > "$state/settings.new"
  mv "$state/settings.new" "$state/settings"
}

if [ "${IN_NAMESPACES:-}" != yes ]; then
  trap : INT TERM HUP # the first process below ends then; what follows is still to be done
  mkdir -p "$state"
  exec 9> "$state/lock"
  flock --nonblock 9 || { echo "Waiting for another run to end." && flock 9; }
  remove_cgroups
  # Of a run that was killed, first.
  restore_settings
  export TMPDIR="$state/tmp"
  rm -rf "$TMPDIR"
  mkdir "$TMPDIR"
  save_settings
  [ "$network" = host ] || own_network=--net
  status=0
  E2E_OUTER_PID=$$ IN_NAMESPACES=yes unshare --mount --pid ${own_network:-} --fork --kill-child=SIGKILL --mount-proc --propagation private \
    "$0" "$network" "$root" "$state" "$@" || status=$?
  # The kernel takes a moment to end them all.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    remove_cgroups
    [ -z "$(find /sys/fs/cgroup -maxdepth 2 -type d -name $cgroup 2> /dev/null)" ] && break
    sleep 0.3
  done
  rm -rf "$TMPDIR"
  restore_settings
  exit $status
fi

# From here on this is process 1, which gets no signal that it does not ask for.
trap 'exit 130' INT TERM HUP
exec 3<&0 < /dev/null
{
  cat <&3 > /dev/null
  kill -TERM 1
} &

mount --bind "$root" "$root"
for folder in proc sys dev; do
  mkdir -p "$root/$folder"
  mount --rbind "/$folder" "$root/$folder"
done
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
chmod 1777 "$root/tmp"
mkdir -p "$root/state" "$root/lib/modules" "$state/images"
mount --bind "$state" "$root/state"
cp /etc/resolv.conf "$root/etc/resolv.conf"

set_network="--bridge=none --iptables=false --ip-forward=false"
if [ "$network" = own ]; then
  ip link set lo up
  # Before the engine starts: otherwise it sets the FORWARD chain to DROP.
  echo 1 > /proc/sys/net/ipv4/ip_forward
  set_network="--bip=10.231.0.1/24 --default-address-pool=base=10.232.0.0/16,size=24"
fi

# The networks of an earlier run: their bridges would come back, in the machine's own network too.
rm -rf "$state/images/network"

# --privileged asks for every capability; where the machine itself lacks one, runc is to ask for the others only.
bounding=$(sed -n 's/^CapBnd:\t//p' /proc/self/status)
cap_sys_resource=24
[ $((0x$bounding >> cap_sys_resource & 1)) = 1 ] || fitted="--add-runtime=fitted=/usr/local/sbin/runc-fitted --default-runtime=fitted"

# A root of its own, not a chroot: `docker exec` enters the root of the container's mount namespace.
mkdir -p "$root/old"
enter='cd "$1"; shift; pivot_root . old; cd /; umount --lazy /old; exec "$@"'
# Its temporary files are inside that root, not where ours are.
TMPDIR=/tmp unshare --mount --propagation private sh -euc "$enter" sh "$root" \
  dockerd --host=unix:///state/docker.sock --data-root=/state/images --exec-root=/run/docker --pidfile=/run/docker.pid \
    --storage-driver=overlay2 --cgroup-parent=/$cgroup $set_network ${fitted:-} > "$state/dockerd.log" 2>&1 &

export DOCKER_HOST="unix://$state/docker.sock"
tries=150
until docker version > /dev/null 2>&1; do
  tries=$((tries - 1))
  if [ $tries = 0 ]; then
    echo "the private Docker engine did not start within 30 s; the end of $state/dockerd.log:" >&2
    tail -n 20 "$state/dockerd.log" >&2
    exit 1
  fi
  sleep 0.2
done

# Of a run that was killed.
docker ps --all --quiet | xargs --no-run-if-empty docker rm --force --volumes > /dev/null

"$@" &
status=0
wait $! || status=$?
exit $status
