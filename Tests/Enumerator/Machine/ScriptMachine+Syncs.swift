// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel
internal import MockDRM
internal import Litmus

extension ScriptMachine {
  /// Syncs by cache instructions, or all in one call of the driver.
  func sync(_ syncs: [ScriptSync]) -> CInt {
    guard let first = syncs.first else { return 0 }
    guard first.method == .ioctl else { return maintain(syncs) }
    let node = nodes[script.buffers[first.buffer].node]
    switch node.driver {
    case .drm(.panthor):
      let elements = encoded(syncs).map { sync, type in
        cdrm_panthor_bo_sync_op(
          handle: buffers[sync.buffer].handle, type: type,
          offset: sync.range.lowerBound, size: UInt64(sync.range.count))
      }
      return unsafe elements.withUnsafeBufferPointer { elements in
        var argument = cdrm_panthor_bo_sync(
          ops: cdrm_panthor_obj_array(
            stride: 24, count: UInt32(elements.count),
            array: UInt64(UInt(bitPattern: elements.baseAddress))))
        return call(node.descriptor, cdrm_request_panthor_bo_sync, &argument)
      }
    case .drm(.panfrost):
      let elements = encoded(syncs).map { sync, type in
        cdrm_panfrost_bo_sync_op(
          handle: buffers[sync.buffer].handle, type: type,
          offset: UInt32(truncatingIfNeeded: sync.range.lowerBound),
          size: UInt32(truncatingIfNeeded: sync.range.count))
      }
      return unsafe elements.withUnsafeBufferPointer { elements in
        var argument = cdrm_panfrost_sync_bo(
          ops: UInt64(UInt(bitPattern: elements.baseAddress)),
          op_count: UInt32(elements.count), pad: 0)
        return call(node.descriptor, cdrm_request_panfrost_sync_bo, &argument)
      }
    // A DRM driver without a sync call.
    case .drm(.powervr), .drm(.vgem): return Errno.EINVAL.answer
    case .systemHeap, .udmabuf: return Errno.ENOTTY.answer
    }
  }

  /// Returns the operations of a call, each with its type in the ABI of the drivers' policy.
  private func encoded(_ syncs: [ScriptSync]) -> [(ScriptSync, UInt32)] {
    syncs.flatMap { sync in types(of: sync.operation).map { (sync, $0) } }
  }

  private func types(of operation: ScriptSync.Operation) -> [UInt32] {
    // The series: bit 0 for the device, bit 1 for a read, bit 2 for a write.
    let (deviceReads, cpuReads) = (0b011 as UInt32, 0b010 as UInt32)
    switch operation {
    case .flush: return platform.policy == .seriesV4 ? [deviceReads] : [0]
    case .flushAndInvalidate:
      return platform.policy == .seriesV4 ? [deviceReads, cpuReads] : [1]
    case .proposed(let accessor, let access):
      let bits: UInt32 =
        switch access {
        case .read: 0b010
        case .write: 0b100
        case .readWrite: 0b110
        }
      return [accessor == .device ? bits | 1 : bits]
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
