# SPDX-License-Identifier: MIT
# What Scripts/vm --soc boots: the machine of vm-arm64.sh, with a plugin that models the memory between CPU
# and GPUs, and the GPUs. Sourced by it.

[ "$arch" = arm64 ] || die 2 "the model is one of arm64"
limit_of_late=200
planted=()
for option in "${model[@]}"; do
	value=${option#*=}
	case $option in
	stores=on) planted+=("$option") ;;
	evict=*)
		[[ $value =~ ^(never|start|end|both|seed:[0-9]+)$ ]] || die 2 "there is no eviction policy '$value'"
		planted+=("$option")
		;;
	jobs=late) planted+=(jobs=late:20) ;;
	jobs=*)
		[[ $value =~ ^(early|late:[1-9][0-9]{0,2})$ ]] || die 2 "jobs are early, late, or late:MS, not '$value'"
		# The drivers give up on a job after half a second.
		[ "${value#late:}" = early ] || [ "${value#late:}" -le "$limit_of_late" ] ||
			die 2 "jobs can be late by $limit_of_late ms at most"
		planted+=("$option")
		;;
	control=model_off) planted+=(model=off) ;;
	control=ignore_invalidate) planted+=(ignore=invalidate) ;;
	control=write_back) planted+=(sync=write_back evict=both) ;;
	control=snooping) planted+=(snooping=other) ;;
	*) die 2 "there is no control '$value': model_off, ignore_invalidate, write_back and snooping are there" ;;
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
	for option in "${planted[@]}"; do options+=,$option; done
	machine=("$qemu" -M "virt,gic-version=3,memory-backend=ram" -cpu "$processor" -dtb "$work/guest.dtb"
		-object "memory-backend-file,id=ram,size=${memory}M,mem-path=$work/ram,share=on"
		-device "loader,file=$work/registers.bin,addr=$((0x40000000 + window)),force-raw=on"
		-device "virtio-serial-device,bus=virtio-mmio-bus.0"
		-qtest "unix:$work/qtest,server=on,wait=off" -qtest-log none -plugin "$plugin,$options")
}

# inspect_model: a model that has seen nothing would let everything pass.
inspect_model() {
	grep -q '^statistics dc [1-9]' "$model_log" ||
		complain "the model saw no cache maintenance at all; the end of its log stands above" "$model_log"
}
