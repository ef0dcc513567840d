// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The state of a mock kernel: its devices, descriptors and mappings.
final class MockMachine {
  private(set) var devices: [MockDevice] = []
  private let hasHeap: Bool
  let descriptors = DescriptorTable()
  let log = MaintenanceLog()
  let caches: MockCaches
  let jobs: JobTable
  /// In bytes; a machine has one page size.
  let pageSize: Int
  /// What happens during the next START, between its maintenance and its wait.
  var eventsWhileWaiting: [ModelledEvent] = []
  // A mapping keeps its BO alive after its handle and descriptor are closed.
  var mappings: [Int: Mapping] = [:]

  /// A CPU mapping, and the objects it keeps alive: open file and BO, or the dma-buf.
  struct Mapping {
    let kept: [AnyObject]
    let length: Int
    /// The mapped memory; nil for a private mapping and for registers.
    let memory: MockMemory?
    /// The byte of the memory at the mapping's first address.
    let start: Int

    /// Returns a part of the mapping, which remains after a partial `munmap`.
    func part(from offset: Int, length: Int) -> Mapping {
      Mapping(kept: kept, length: length, memory: memory, start: start + offset)
    }
  }

  init(_ profiles: [MockProfile]) {
    pageSize = profiles.first?.pageSize ?? 4096
    hasHeap = profiles.contains { $0.hasHeap }
    caches = MockCaches(profiles.first?.caches ?? CachePolicy())
    jobs = JobTable(profiles.first?.jobs ?? .late)
    devices = profiles.enumerated().map { index, profile in
      MockDevice(profile: profile, index: index, on: self)
    }
  }

  var usage: MockUsage {
    MockUsage(
      descriptors: descriptors.count,
      files: devices.reduce(0) { $0 + $1.liveFiles },
      handles: devices.reduce(0) { $0 + $1.liveHandles },
      buffers: devices.reduce(0) { $0 + $1.liveBuffers },
      mappings: mappings.count,
      jobs: jobs.pendingCount
    )
  }

  /// Returns the device and kind of the node at a path.
  func device(atNode path: String) -> (device: MockDevice, kind: MockFile.NodeKind)? {
    for device in devices {
      if path == device.renderNode { return (device, .render) }
      if path == device.primaryNode { return (device, .primary) }
    }
    return nil
  }

  func open(_ path: String, flags: CInt) throws(Errno) -> CInt {
    if path == MockUDMABuf.path { return try descriptors.insert(.udmabuf) }
    if path == MockHeap.path, hasHeap { return try descriptors.insert(.heap) }
    guard let node = device(atNode: path) else { throw .ENOENT }
    let mode = flags & AccessMode.mask
    let file = MockFile(
      of: node.device,
      kind: node.kind,
      isReadable: mode != AccessMode.writeOnly,
      isWritable: mode != AccessMode.readOnly
    )
    return try descriptors.insert(.node(file))
  }

  func seek(_ descriptor: CInt, offset: Int64, whence: CInt) throws(Errno) -> Int64 {
    switch descriptors[descriptor] {
    case .dmaBuf(let dmaBuf):
      // dma_buf_llseek accepts offset 0 with SEEK_SET and SEEK_END only.
      guard offset == 0 else { throw .EINVAL }
      switch whence {
      case 0: return 0
      case 2: return Int64(dmaBuf.size)
      default: throw .EINVAL
      }
    case .node, .heap, .udmabuf: return 0
    case .syncFile: throw .ESPIPE
    case nil: throw .EBADF
    }
  }

  /// Rounds up to whole pages.
  func pageAligned(_ size: UInt64) -> UInt64 {
    size.roundedUp(toPagesOf: pageSize)
  }
}

private enum AccessMode {
  static let mask: CInt = 3
  static let readOnly: CInt = 0
  static let writeOnly: CInt = 1
}
