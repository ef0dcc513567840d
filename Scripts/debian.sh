# SPDX-License-Identifier: MIT
# Access to Debian's archive for packages of newer suites, for amd64 and arm64; nothing is installed.
#
# Signatures are checked. Sourced after common.sh.

debian=$cache/debian/$(hash <"${BASH_SOURCE[0]}")

# debian_mirror: prints the base URI of Debian's archive in the apt configuration of this system.
debian_mirror() {
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		grep -v security | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }'
}

# debian_apt COMMAND...: runs an apt tool with the configuration of this file.
debian_apt() { APT_CONFIG=$debian/apt.conf "$@"; }

# debian_update: fetches the package lists, at most once a day; fails if they cannot be fetched.
debian_update() { locked "$debian.lock" debian_fetch_lists; }

debian_fetch_lists() {
	[ -z "$(find "$debian/updated" -mmin -1440 2>/dev/null)" ] || return 0
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg mirror
	if ! grep -qsi debian /etc/os-release || [ ! -e "$keys" ]; then
		say "this VM configuration needs packages of Debian, and this system is not Debian"
		return 1
	fi
	mirror=$(debian_mirror)
	[ -n "$mirror" ] || { apt-get -qq update >&2 || true; mirror=$(debian_mirror); }
	[ -n "$mirror" ] || { say "the apt configuration has no Debian archive"; return 1; }
	mkdir -p "$debian"/{state/lists/partial,cache/archives/partial}
	: >"$debian/state/status"
	cat >"$debian/sources.list" <<-SOURCES
		deb [signed-by=$keys arch=amd64,arm64] $mirror sid main
		deb [signed-by=$keys arch=amd64,arm64] $mirror trixie main
		deb [signed-by=$keys arch=amd64,arm64] $mirror trixie-backports main
	SOURCES
	cat >"$debian/apt.conf" <<-CONF
		Dir::State "$debian/state";
		Dir::State::status "$debian/state/status";
		Dir::Cache "$debian/cache";
		Dir::Etc::SourceList "$debian/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; "arm64"; };
		APT::Sandbox::User "$(id -un)";
		Acquire::Languages "none";
		// Mirrors may be out of date; signatures are still checked.
		Acquire::Check-Valid-Until "false";
	CONF
	say "fetching Debian's package lists"
	# Print nothing, and do not fail because one suite is missing.
	debian_apt apt-get -qq -o APT::Update::Error-Mode=any update >&2 || return 1
	touch "$debian/updated"
}

# debian_fetch DIR PACKAGE...: downloads packages (NAME:ARCH/SUITE or NAME:ARCH=VERSION) into a directory.
debian_fetch() {
	local directory=$1
	shift
	mkdir -p "$directory"
	(cd "$directory" && debian_apt apt-get -qq download "$@" >&2)
}
