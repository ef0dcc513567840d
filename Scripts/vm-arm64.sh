# SPDX-License-Identifier: MIT
# What Scripts/vm boots on arm64: QEMU's virt with a device tree of its own, where the top of RAM stands in
# for the registers of four Malis. Sourced by it.

case $pages in
4k) flavour=arm64 processor=cortex-a72 ;;
# cortex-a72 has no pages of 16 KiB.
16k) flavour=arm64-16k processor=cortex-a76 ;;
*) die 2 "there are no pages of '$pages' on arm64: 4k and 16k there are" ;;
esac
default=(check --device all)
packages=(qemu-system-arm device-tree-compiler)
images=(--memory "$memory")
console=ttyAMA0
# Nodes of each driver.
gpus=2

build_program() { "$top/Scripts/arm64-build"; }

describe_machine() {
	local window=$((0x40000000 + memory * 1024 * 1024 - 0x1000000))
	dtc -q -I dts -O dtb -o "$work/guest.dtb" "$work/guest.dts"
	machine=(qemu-system-aarch64 -M "virt,gic-version=3" -cpu "$processor" -dtb "$work/guest.dtb"
		-device "loader,file=$work/registers.bin,addr=$window,force-raw=on"
		-device "virtio-serial-device,bus=virtio-mmio-bus.0")
}
