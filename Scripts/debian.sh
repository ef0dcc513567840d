# SPDX-License-Identifier: MIT
# A private view of Debian's archive: newer suites, amd64 and arm64, signatures checked, nothing installed.
# Sourced after common.sh.

debian=$cache/debian/$(hash <"${BASH_SOURCE[0]}")

# debian_mirror: the base URI of Debian's archive as this system's own apt has it.
debian_mirror() {
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		grep -v security | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }'
}

# debian_apt COMMAND...: runs an apt tool on the private view.
debian_apt() { APT_CONFIG=$debian/apt.conf "$@"; }

# debian_update: fetches the package lists, at most once a day; fails where they cannot be had.
debian_update() { locked "$debian.lock" debian_fetch_lists; }

debian_fetch_lists() {
	[ -z "$(find "$debian/updated" -mmin -1440 2>/dev/null)" ] || return 0
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg mirror
	if ! grep -qsi debian /etc/os-release || [ ! -e "$keys" ]; then
		say "this lane takes its packages from Debian, and this is no Debian system"
		return 1
	fi
	mirror=$(debian_mirror)
	[ -n "$mirror" ] || { apt-get -qq update >&2 || true; mirror=$(debian_mirror); }
	[ -n "$mirror" ] || { say "apt has no Debian archive configured"; return 1; }
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
		// Mirrors may lag behind; signatures are checked all the same.
		Acquire::Check-Valid-Until "false";
	CONF
	say "fetching Debian's package lists"
	# Reading the lists must not print, and must not fail for one suite that is gone.
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
