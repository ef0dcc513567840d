# SPDX-License-Identifier: MIT
# Functions of all scripts. Sourced, not run. Messages go to stderr, as stdout is for results.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Downloads and builds that are kept between checkouts, by the hash of their inputs.
cache=${GEMSYNC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gemsync}

say() { echo "gemsync: $*" >&2; }

# die CODE MESSAGE: prints one line and exits.
die() {
	local code=$1
	shift
	say "$*"
	exit "$code"
}

# usage: prints the comment at the start of the script.
usage() { sed -n '/^# SPDX/,/^[^#]/{/^# SPDX/d;s/^# \{0,1\}//p}' "$0"; }

# --help prints that comment, for every script but gemsync, whose help is the program's.
case ${0##*/}:${1:-} in
gemsync:*) ;;
*:-h | *:--help) usage && exit 0 ;;
esac

# need PACKAGE...: installs missing Debian packages, with a message.
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
	} >&2 || die 1 "cannot install ${missing[*]} (install them by hand and try again)"
}

# need_swift: checks for a toolchain, and installs the other needs of a build.
need_swift() {
	command -v swift >/dev/null || die 1 "there is no swift in PATH (install a toolchain of Swift 6.2 or later)"
	need libdrm-dev pkg-config
}

# native PRODUCT: builds a product for this machine and prints its path.
native() {
	need_swift
	swift build --package-path "$top" -c release --product "$1" >&2 || die 1 "the build of $1 failed"
	echo "$(swift build --package-path "$top" -c release --show-bin-path)/$1"
}

# static_gemsync FILE DIR ARGS: builds gemsync in DIR as one static FILE, unless the file exists.
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

# hash: prints the first digits of the hash of stdin.
hash() { sha256sum | cut -c1-16; }

# source_hash: prints the hash of everything that a build reads.
source_hash() {
	(
		cd "$top"
		find Package.swift Sources -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
	) | hash
}

# locked FILE COMMAND...: runs a command under a lock that all scripts share.
locked() {
	local file=$1
	shift
	mkdir -p "$(dirname "$file")"
	(
		flock 9
		"$@"
	) 9>"$file"
}
