#!/bin/sh
# Makes the file system of the image groundwork/python: Debian with Python, pip and venv, from Debian's own packages.
# No registry is asked, so it can be made wherever a Debian mirror is near. Needs root and debootstrap.
#
#   python.sh FILE.tar
#   docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'CMD ["python3"]' FILE.tar groundwork/python:3.11
set -eu
PATH=$PATH:/usr/sbin:/sbin
file=$1
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
# A signal ends dash without the trap above.
trap 'exit 130' INT TERM HUP

debootstrap --variant=minbase --include=python3,python3-pip,python3-venv,ca-certificates \
    bookworm "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
ln -s python3 "$root/usr/bin/python"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* \
    "$root"/usr/share/locale/* "$root"/var/log/*
# Written aside, then renamed: a file of this name is whole.
tar --numeric-owner -C "$root" -cf "$file.part" .
sync "$file.part"
mv "$file.part" "$file"
