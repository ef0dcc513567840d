# SPDX-License-Identifier: MIT
# Describes the arm64 machine of Scripts/vm, which sources it: QEMU's virt with a device tree from gemsync-guest,
# and the registers of four Malis in the top of RAM.

case $pages in
4k) flavour=arm64 processor=cortex-a72 ;;
# cortex-a72 does not support pages of 16 KiB.
16k) flavour=arm64-16k processor=cortex-a76 ;;
*) die 2 "--pages $pages: not available on arm64 (4k or 16k)" ;;
esac
default=(check --device all)
packages=(qemu-system-arm device-tree-compiler)
images=(--memory "$memory")
console=ttyAMA0
disk_device=virtio-blk-device,bus=virtio-mmio-bus.1
# The number of nodes of each GPU driver.
gpus=2

build_program() { "$top/Scripts/arm64-build"; }

describe_machine() {
	local window=$((0x40000000 + memory * 1024 * 1024 - 0x1000000))
	dtc -q -I dts -O dtb -o "$work/guest.dtb" "$work/guest.dts"
	machine=(qemu-system-aarch64 -M "virt,gic-version=3" -cpu "$processor" -dtb "$work/guest.dtb"
		-device "loader,file=$work/registers.bin,addr=$window,force-raw=on"
		-device "virtio-serial-device,bus=virtio-mmio-bus.0")
}
