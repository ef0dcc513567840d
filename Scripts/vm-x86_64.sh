# SPDX-License-Identifier: MIT
# Describes the x86_64 machine of Scripts/vm, which sources it: a PC without a GPU, which runs this machine's
# gemsync.

[ "$pages" = 4k ] || die 2 "--pages $pages: not available on x86_64 (4k)"
[ "$(uname -m)" = x86_64 ] || die 77 "--arch x86_64 runs this machine's gemsync, which is for $(uname -m)"
flavour=amd64
default=(list)
packages=(qemu-system-x86)
images=(--no-gpus)
console=ttyS0
disk_device=virtio-blk-pci
# The number of nodes of each GPU driver.
gpus=0

build_program() { "$top/Scripts/static-build"; }

describe_machine() { machine=(qemu-system-x86_64 -M q35 -cpu max -device virtio-serial-pci); }
