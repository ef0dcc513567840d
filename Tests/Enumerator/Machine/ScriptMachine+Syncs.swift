// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import MockDRM
internal import Scripting

extension ScriptMachine {
  /// Syncs by the CPU's own instructions, or all of them in one call of the driver's.
  func sync(_ syncs: [ScriptSync]) -> CInt {
    guard let first = syncs.first else { return 0 }
    guard first.method == .ioctl else { return maintain(syncs) }
    let node = nodes[script.buffers[first.buffer].node]
    switch node.driver {
    case "panthor":
      let elements = syncs.map { sync in
        cdrm_panthor_bo_sync_op(
          handle: buffers[sync.buffer].handle, type: word(for: sync.operation),
          offset: sync.range.lowerBound, size: UInt64(sync.range.count))
      }
      return unsafe elements.withUnsafeBufferPointer { elements in
        var argument = cdrm_panthor_bo_sync(
          ops: cdrm_panthor_obj_array(
            stride: 24, count: UInt32(elements.count),
            array: UInt64(UInt(bitPattern: elements.baseAddress))))
        return call(node.descriptor, cdrm_request_panthor_bo_sync, &argument)
      }
    case "panfrost":
      let elements = syncs.map { sync in
        cdrm_panfrost_bo_sync_op(
          handle: buffers[sync.buffer].handle, type: word(for: sync.operation),
          offset: UInt32(truncatingIfNeeded: sync.range.lowerBound),
          size: UInt32(truncatingIfNeeded: sync.range.count))
      }
      return unsafe elements.withUnsafeBufferPointer { elements in
        var argument = cdrm_panfrost_sync_bo(
          ops: UInt64(UInt(bitPattern: elements.baseAddress)),
          op_count: UInt32(elements.count), pad: 0)
        return call(node.descriptor, cdrm_request_panfrost_sync_bo, &argument)
      }
    // A DRM node without such a call, and what is no DRM node.
    case "powervr", "vgem": return Errno.EINVAL.answer
    default: return Errno.ENOTTY.answer
    }
  }

  /// The word that stands for an operation, which the merged and the proposed form read differently.
  private func word(for operation: ScriptSync.Operation) -> UInt32 {
    switch operation {
    case .flush: 0
    case .flushAndInvalidate: 1
    case .proposed(let accessor, let access):
      (accessor == .device ? 1 : 0)
        | (access == .read ? 2 : access == .write ? 4 : 6)
    }
  }

  private func maintain(_ syncs: [ScriptSync]) -> CInt {
    for sync in syncs {
      if buffers[sync.buffer].address == 0 {
        let answer = map(sync.buffer, throughDMABuf: false)
        guard answer >= 0 else { return answer }
      }
      let answer = kernel.maintainCaches(
        sync.operation == .flush ? .clean : .cleanAndInvalidate,
        buffers[sync.buffer].address + Int(sync.range.lowerBound), length: sync.range.count)
      guard answer >= 0 else { return answer }
    }
    return 0
  }
}
