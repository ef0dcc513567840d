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
  /// In bytes; a machine has but one.
  let pageSize: Int
  /// What happens inside the next START.
  var eventsWhileWaiting: [ModelledEvent] = []
  // A mapping keeps its BO alive after handle and descriptor are gone.
  var mappings: [Int: Mapping] = [:]

  /// A CPU mapping, and what it keeps: the open file it was made with and the BO, or the dma-buf.
  struct Mapping {
    let kept: [AnyObject]
    let length: Int
    /// What it shows, from that byte on; nil where it shows a copy, or registers.
    let memory: MockMemory?
    let start: Int

    /// What is left of it.
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

  /// Finds the device and kind of node behind a path.
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
      // A dma-buf knows its two ends and nothing between.
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
