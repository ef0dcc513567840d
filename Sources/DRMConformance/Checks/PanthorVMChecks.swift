// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// panthor's VMs, and BOs that are exclusive to one of them.
let panthorVMChecks: [Check] = checks(of: .panthor, vms + exclusiveBuffers)

private let vms: [Check] = [
  .call(
    "panthor.vm_create.flags", "VM_CREATE with any flag fails with EINVAL.",
    cdrm_request_panthor_vm_create, cdrm_panthor_vm_create(flags: 1, id: 0, user_va_range: 0),
    .EINVAL),
  Check(
    "panthor.vm_create.range_too_large",
    "VM_CREATE with a user range that leaves the kernel less than 256 MiB fails with EINVAL."
  ) { probe in
    for range: UInt64 in [.max, (1 << 48) - (256 << 20) + 1] {
      try probe.call(
        cdrm_request_panthor_vm_create,
        cdrm_panthor_vm_create(flags: 0, id: 0, user_va_range: range), .EINVAL)
    }
  },
  Check(
    "panthor.vm_create.range_grows",
    "VM_CREATE rounds the kernel's range down to a power of two and the user's range up with it."
  ) { probe in
    let vm = try probe.node.createVM(userRange: (1 << 48) - (768 << 20))
    try probe.expectEqual("user range", vm.userRange, (1 << 48) - (512 << 20))
  },
  Check(
    "panthor.vm_create.ids",
    "A file has up to 32 VMs with ids from 1, and the next VM_CREATE fails with EBUSY."
  ) { probe in
    for id: UInt32 in 1...32 {
      let created = try probe.call(cdrm_request_panthor_vm_create, cdrm_panthor_vm_create())
      try probe.expectEqual("id", created.id, id)
    }
    try probe.call(cdrm_request_panthor_vm_create, cdrm_panthor_vm_create(), .errno(.EBUSY))
  },
  Check("panthor.vm_destroy.twice", "The second VM_DESTROY of an id fails with EINVAL.") {
    probe in
    let id = try PanthorGroupCalls.createVM(in: probe)
    try PanthorGroupCalls.destroyVM(id, in: probe)
    try PanthorGroupCalls.destroyVM(id, .EINVAL, in: probe)
  },
  Check("panthor.vm_destroy.pad", "VM_DESTROY with a nonzero pad fails with EINVAL.") { probe in
    let vm = try probe.node.createVM()
    try probe.call(
      cdrm_request_panthor_vm_destroy, cdrm_panthor_vm_destroy(id: vm.id, pad: 1), .EINVAL)
    try vm.destroy()
  },
  Check(
    "panthor.vm_get_state.usable",
    "VM_GET_STATE reports a new VM as usable and fails with EINVAL for an unknown id."
  ) { probe in
    let vm = try probe.node.createVM()
    try probe.expectEqual("usable", try vm.isUsable(), true)
    try probe.call(
      cdrm_request_panthor_vm_get_state, cdrm_panthor_vm_get_state(vm_id: 31, state: 7), .EINVAL)
  },
]

private let exclusiveBuffers: [Check] = [
  Check(
    "panthor.bo_create.exclusive", "A BO may be exclusive to one VM, also with WB_MMAP.",
    .feature(.writeBackMapping)
  ) { probe in
    let vm = try probe.node.createVM()
    let info = try probe.node.createBuffer(size: 4096, mapping: .writeBack, exclusiveTo: vm).info()
    try probe.expectEqual("mapping", info.mapping, .writeBack)
  },
  Check(
    "panthor.prime.export_exclusive", "The export of a BO exclusive to a VM fails with EINVAL."
  ) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 4096, exclusiveTo: vm)
    try probe.expect(.EINVAL) { () throws(DRMError) in _ = try buffer.export() }
  },
  Check(
    "panthor.prime.export_exclusive_orphan",
    "The export of a BO exclusive to a VM fails with EINVAL also after VM_DESTROY."
  ) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 4096, exclusiveTo: vm)
    try vm.destroy()
    try probe.expect(.EINVAL) { () throws(DRMError) in _ = try buffer.export() }
  },
  Check("panthor.prime.export_no_mmap", "A NO_MMAP BO can be exported.") { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .none)
    try probe.expect(.success) { () throws(DRMError) in _ = try buffer.export() }
  },
]
