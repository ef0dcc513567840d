// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The state of a mock kernel: its devices, descriptors and mappings.
final class MockMachine {
  let devices: [MockDevice]
  let descriptors = DescriptorTable()
  // A mapping keeps its BO alive after handle and descriptor are gone.
  var mappings: [Int: Mapping] = [:]

  /// A CPU mapping of a BO.
  struct Mapping {
    let buffer: MockBuffer
    let length: Int
  }

  init(_ profiles: [MockProfile]) {
    let descriptors = descriptors
    devices = profiles.enumerated().map { index, profile in
      MockDevice(profile: profile, index: index, descriptors: descriptors)
    }
  }

  var usage: MockUsage {
    MockUsage(
      descriptors: descriptors.count,
      files: devices.reduce(0) { $0 + $1.liveFiles },
      handles: devices.reduce(0) { $0 + $1.liveHandles },
      buffers: devices.reduce(0) { $0 + $1.liveBuffers },
      mappings: mappings.count
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
    case .node: return 0
    case .syncFile: throw .ESPIPE
    case nil: throw .EBADF
    }
  }
}

private enum AccessMode {
  static let mask: CInt = 3
  static let readOnly: CInt = 0
  static let writeOnly: CInt = 1
}
