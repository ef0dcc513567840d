# SPDX-License-Identifier: MIT
# What the scripts share; sourced, never run. Everything it prints goes to stderr: stdout is for results.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Downloads and builds that outlive a checkout, by hash of what they are made of.
cache=${GEMSYNC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gemsync}

say() { echo "gemsync: $*" >&2; }

# die CODE MESSAGE: ends the script with one line.
die() {
	local code=$1
	shift
	say "$*"
	exit "$code"
}

# usage: prints the comment a script begins with.
usage() { sed -n '/^# SPDX/,/^[^#]/{/^# SPDX/d;s/^# \{0,1\}//p}' "$0"; }

# Every script prints its comment for --help, but gemsync, whose own help is the program's.
case ${0##*/}:${1:-} in
gemsync:*) ;;
*:-h | *:--help) usage && exit 0 ;;
esac

# need PACKAGE...: installs Debian packages that are missing, and says so.
need() {
	local missing=() package
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	local sudo=()
	[ "$(id -u)" -eq 0 ] || sudo=(sudo)
	say "installing ${missing[*]} (apt-get)"
	{
		"${sudo[@]}" apt-get -qq -o DPkg::Lock::Timeout=300 update &&
			DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get -qq -o DPkg::Lock::Timeout=300 \
				install -y --no-install-recommends "${missing[@]}"
	} >&2 || die 1 "could not install ${missing[*]}; install them by hand and try again"
}

# need_swift: what a build needs beside the toolchain.
need_swift() {
	command -v swift >/dev/null || die 1 "no swift in PATH: install a Swift 6.2 or later toolchain"
	need libdrm-dev pkg-config
}

# native PRODUCT: builds a product for this machine and answers its path.
native() {
	need_swift
	swift build --package-path "$top" -c release --product "$1" >&2 || die 1 "the build of $1 failed"
	echo "$(swift build --package-path "$top" -c release --show-bin-path)/$1"
}

# static_gemsync FILE DIR ARGS: builds gemsync in DIR as one FILE that needs nothing, unless it is there.
static_gemsync() {
	local file=$1 directory=$2
	shift 2
	[ ! -x "$file" ] || return 0
	need_swift
	say "building a static gemsync in ${directory##*/}"
	swift build --package-path "$top" --scratch-path "$directory" -c release --product gemsync \
		--static-swift-stdlib -Xswiftc -static-executable -Xlinker -s "$@" >&2 || die 1 "the static build failed"
	mkdir -p "$(dirname "$file")"
	cp "$directory/release/gemsync" "$file.part"
	mv "$file.part" "$file"
}

# hash: the first digits of the hash of stdin.
hash() { sha256sum | cut -c1-16; }

# source_hash: the hash of everything a build reads.
source_hash() {
	(
		cd "$top"
		find Package.swift Sources -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
	) | hash
}

# locked FILE COMMAND...: runs a command while no other script runs one under the same lock.
locked() {
	local file=$1
	shift
	mkdir -p "$(dirname "$file")"
	(
		flock 9
		"$@"
	) 9>"$file"
}
