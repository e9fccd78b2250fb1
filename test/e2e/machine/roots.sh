#!/bin/sh
# Makes the Debian file systems that engine and images are made of, from Debian's packages alone; installs nothing.
#
#   roots.sh FOLDER      writes engine/ (a folder) and node.tar, node-runtime.tar, node-build.tar, python.tar and prometheus.tar
#                        into it
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
suite=bookworm # its systemd still boots where cgroups are of version 1
mirror=http://deb.debian.org/debian

apt-get -qq update
apt-get -qq -o APT::Sandbox::User=root download mmdebstrap debian-archive-keyring
for package in *.deb; do
  dpkg-deb --extract "$package" tools
done
rm ./*.deb
export PATH="$PWD/tools/usr/bin:$PATH"
keyring=$PWD/tools/usr/share/keyrings/debian-archive-keyring.gpg

# What distroless has beside the packages. The machine's own certificates, so that what it trusts is trusted while building.
cat > finish.sh << 'END'
#!/bin/sh
set -eu
cd "$1"
printf 'root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' > etc/passwd
printf 'root:x:0:\nnonroot:x:65532:\n' > etc/group
mkdir -p etc/ssl/certs home/nonroot
chown 65532:65532 home/nonroot
chmod 1777 tmp
cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/
rm -rf usr/share/doc usr/share/man usr/share/locale usr/share/info var/lib/apt var/cache
END
chmod 755 finish.sh

# $1 is the result; $2 the packages. `extract` runs no maintainer script, which is enough where nothing needs setting up.
extract() {
  echo "  Debian packages: ${1%.tar}"
  mmdebstrap --quiet --variant=extract --keyring="$keyring" --include="$2" --extract-hook="$PWD/finish.sh" "$suite" "$1" "$mirror"
}

runtime=libc6,libstdc++6,libgcc-s1,libatomic1,ca-certificates,base-files,netbase
extract node-runtime.tar $runtime
extract node-build.tar $runtime,dash,coreutils
extract python.tar python3,python3-pip,ca-certificates,base-files,netbase,dash,coreutils
extract prometheus.tar prometheus,ca-certificates,base-files,netbase

extract engine.tar docker.io,containerd,runc,iptables,iproute2,jq,kmod,mount,pigz,xz-utils,dash,coreutils,ca-certificates,base-files
mkdir engine
tar -C engine -xf engine.tar --exclude='./dev/*'
rm engine.tar
for family in iptables ip6tables; do
  for verb in '' -save -restore; do
    ln -s "$family-legacy$verb" "engine/usr/sbin/$family$verb"
  done
done
install -D -m 755 "$here/runc-fitted.sh" engine/usr/local/sbin/runc-fitted

echo "  Debian packages: node (about one minute)"
mmdebstrap --quiet --variant=minbase --keyring="$keyring" "$suite" node.tar "$mirror" \
  --include=systemd,runc,containernetworking-plugins,conntrack,iptables,nftables,iproute2,ethtool,mount,kmod,libseccomp2,pigz,ca-certificates,curl,jq,procps,e2fsprogs,socat
rm -rf tools finish.sh
