// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// panthor's VMs, and BOs that belong to one of them.
let panthorVMChecks: [Check] = [
  Check("panthor.vm_create.flags", "VM_CREATE with any flag is EINVAL.", .driver("panthor")) {
    probe in
    var argument = cdrm_panthor_vm_create(flags: 1, id: 0, user_va_range: 0)
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_create, &argument), .EINVAL)
  },
  Check(
    "panthor.vm_create.range_too_large",
    "VM_CREATE that leaves the kernel less than 256 MiB is EINVAL.", .driver("panthor")
  ) { probe in
    var argument = cdrm_panthor_vm_create(flags: 0, id: 0, user_va_range: .max)
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_create, &argument), .EINVAL)
    argument.user_va_range = (1 << 48) - (256 << 20) + 1
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_create, &argument), .EINVAL)
  },
  Check(
    "panthor.vm_create.range_grows",
    "The kernel's part is a power of two, so the user's may come out larger than was asked for.",
    .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM(userRange: (1 << 48) - (768 << 20))
    try probe.expectEqual("user range", vm.userRange, (1 << 48) - (512 << 20))
  },
  Check(
    "panthor.vm_create.ids", "A file has 32 VMs at most, numbered from 1; the next is EBUSY.",
    .driver("panthor")
  ) { probe in
    for id: UInt32 in 1...32 {
      var argument = cdrm_panthor_vm_create()
      try probe.expect(probe.ioctl(cdrm_request_panthor_vm_create, &argument), .success)
      try probe.expectEqual("id", argument.id, id)
    }
    var argument = cdrm_panthor_vm_create()
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_create, &argument), .errno(.EBUSY))
  },
  Check(
    "panthor.vm_destroy.twice", "The second VM_DESTROY of an id is EINVAL.", .driver("panthor")
  ) { probe in
    var created = cdrm_panthor_vm_create()
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_create, &created), .success)
    var argument = cdrm_panthor_vm_destroy(id: created.id, pad: 0)
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_destroy, &argument), .success)
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_destroy, &argument), .EINVAL)
  },
  Check(
    "panthor.vm_destroy.pad", "VM_DESTROY with a nonzero pad is EINVAL.", .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM()
    var argument = cdrm_panthor_vm_destroy(id: vm.id, pad: 1)
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_destroy, &argument), .EINVAL)
    try vm.destroy()
  },
  Check(
    "panthor.vm_get_state.usable", "A new VM is usable, one that never was is EINVAL.",
    .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM()
    try probe.expectEqual("usable", try vm.isUsable(), true)
    var argument = cdrm_panthor_vm_get_state(vm_id: 31, state: 7)
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_get_state, &argument), .EINVAL)
  },
  Check(
    "panthor.bo_create.exclusive", "A BO may belong to one VM, with a WB mapping too.",
    .driver("panthor"), .feature(.writeBackMapping)
  ) { probe in
    let vm = try probe.node.createVM()
    let info = try probe.node.createBuffer(size: 4096, mapping: .writeBack, exclusiveTo: vm).info()
    try probe.expectEqual("mapping", info.mapping, .writeBack)
  },
  Check(
    "panthor.prime.export_exclusive", "A BO that belongs to one VM cannot be exported: EINVAL.",
    .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 4096, exclusiveTo: vm)
    try probe.expect(.EINVAL) { () throws(DRMError) in _ = try buffer.export() }
  },
  Check(
    "panthor.prime.export_exclusive_orphan",
    "A BO keeps belonging to its VM when that is destroyed: its export is EINVAL still.",
    .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 4096, exclusiveTo: vm)
    try vm.destroy()
    try probe.expect(.EINVAL) { () throws(DRMError) in _ = try buffer.export() }
  },
  Check(
    "panthor.prime.export_no_mmap",
    "A NO_MMAP BO can be exported, and its dma-buf mapped from Linux 7.2 on.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .none)
    try probe.expect(.success) { () throws(DRMError) in _ = try buffer.export() }
  },
]
