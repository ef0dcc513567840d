# SPDX-License-Identifier: MIT
# What Scripts/vm boots on x86_64: an ordinary PC without a GPU, and this machine's own gemsync. Sourced by it.

[ "$pages" = 4k ] || die 2 "there are no pages of '$pages' on x86_64: 4k there are"
[ "$(uname -m)" = x86_64 ] || die 77 "the x86_64 lane runs this machine's own gemsync, and this machine is none"
flavour=amd64
default=(list)
packages=(qemu-system-x86)
images=(--no-gpus)
console=ttyS0
# Nodes of each driver.
gpus=0

build_program() { "$top/Scripts/static-build"; }

describe_machine() { machine=(qemu-system-x86_64 -M q35 -cpu max -device virtio-serial-pci); }
