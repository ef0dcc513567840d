# SPDX-License-Identifier: MIT
# Describes the machine of Scripts/vm --soc, which sources it: that of vm-arm64.sh, with a QEMU plugin that models
# CPU caches and GPUs.

[ "$arch" = arm64 ] || die 2 "--soc: available on arm64 only"
limit_of_late=200
plugin_options=()
for option in "${model[@]}"; do
	value=${option#*=}
	case $option in
	stores=on) plugin_options+=("$option") ;;
	evict=*)
		[[ $value =~ ^(never|start|end|both|seed:[0-9]+)$ ]] || die 2 "--evict $value: unknown (never, start, end, both or seed:N)"
		plugin_options+=("$option")
		;;
	jobs=late) plugin_options+=(jobs=late:20) ;;
	jobs=*)
		[[ $value =~ ^(early|late:[1-9][0-9]{0,2})$ ]] || die 2 "--jobs $value: unknown (early, late or late:MS)"
		# The drivers time a job out after 500 ms.
		[ "${value#late:}" = early ] || [ "${value#late:}" -le "$limit_of_late" ] ||
			die 2 "--jobs $value: too late (at most $limit_of_late ms)"
		plugin_options+=("$option")
		;;
	control=model_off) plugin_options+=(model=off) ;;
	control=ignore_invalidate) plugin_options+=(ignore=invalidate) ;;
	control=write_back) plugin_options+=(sync=write_back evict=both) ;;
	control=snooping) plugin_options+=(snooping=other) ;;
	*) die 2 "--control $value: unknown (model_off, ignore_invalidate, write_back or snooping)" ;;
	esac
done
qemu=$("$top/Scripts/soc-qemu")
plugin=$("$top/Scripts/soc-plugin" "$qemu")
packages=(device-tree-compiler)
images+=(--modelled-firmware)

describe_machine() {
	local window=$((memory * 1024 * 1024 - 0x1000000)) options
	dtc -q -I dts -O dtb -o "$work/guest.dtb" "$work/guest.dts"
	truncate -s "${memory}M" "$work/ram"
	model_log=${GEMSYNC_VM_LOG:-$work/model}
	options="ram=$work/ram,size=$memory,window=$window,qtest=$work/qtest,log=$model_log"
	[ -z "${GEMSYNC_VM_TRACE:-}" ] || options+=,trace=on
	for option in "${plugin_options[@]}"; do options+=,$option; done
	machine=("$qemu" -M "virt,gic-version=3,memory-backend=ram" -cpu "$processor" -dtb "$work/guest.dtb"
		-object "memory-backend-file,id=ram,size=${memory}M,mem-path=$work/ram,share=on"
		-device "loader,file=$work/registers.bin,addr=$((0x40000000 + window)),force-raw=on"
		-device "virtio-serial-device,bus=virtio-mmio-bus.0"
		-qtest "unix:$work/qtest,server=on,wait=off" -qtest-log none -plugin "$plugin,$options")
}

# inspect_model: checks that the model observed the guest; otherwise every sync would seem right.
inspect_model() {
	grep -q '^statistics dc [1-9]' "$model_log" ||
		complain "the model observed no cache maintenance (see the end of its log above)" "$model_log"
}
