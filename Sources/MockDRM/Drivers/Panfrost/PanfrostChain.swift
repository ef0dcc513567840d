// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// A job chain: job descriptors in memory, which the GPU executes in order.
///
/// NULL and WRITE_VALUE jobs are modelled; other types end the chain with a fault.
final class PanfrostChain: DeviceProgram {
  // The access of the next step.
  private enum Stage {
    case header
    case payload
    case target(UInt64, [UInt8])
    case status(UInt32)
  }

  // The values of a descriptor's exception status.
  private enum Status {
    static let done: UInt32 = 1
    static let configurationFault: UInt32 = 0x40
    static let readFault: UInt32 = 0x42
    static let writeFault: UInt32 = 0x43
  }

  private let space: PanfrostAddressSpace
  // The mappings of the job's BOs, which it keeps until its end.
  private let mappings: [PanfrostMapping]
  private let isCoherent: Bool
  private var stage = Stage.header
  private var descriptor: UInt64
  private var next: UInt64 = 0
  private var done: Set<UInt64> = []

  // JOB_TIMEOUT_MS. The job in the slot's second set of registers ends together with it.
  let timeout = (nanoseconds: Int64(500_000_000), error: Errno.ECANCELED)
  let followersLost = 1

  private static let headerSize = 32
  private static let payloadSize = 24

  init(
    at address: UInt64, in space: PanfrostAddressSpace, keeping mappings: [PanfrostMapping],
    isCoherent: Bool
  ) {
    descriptor = address
    self.space = space
    self.mappings = mappings
    self.isCoherent = isCoherent
  }

  var buffers: [MockBuffer] { mappings.map(\.buffer) }

  func step() -> DeviceProgress {
    switch stage {
    case .header: return readHeader()
    case .payload: readPayload()
    case .target(let address, let bytes):
      stage = .status(write(bytes, at: address) ? Status.done : Status.writeFault)
    case .status(let status): return finish(status)
    }
    return .running
  }

  private func readHeader() -> DeviceProgress {
    // A descriptor that was executed already makes the chain endless.
    guard !done.contains(descriptor) else { return .stuck }
    guard let header = read(descriptor, Self.headerSize) else { return .failed(.EINVAL) }
    let control = header.number(at: 16, 4)
    let isLong = control & 1 != 0
    next = header.number(at: 24, isLong ? 8 : 4)
    switch control >> 1 & 0x7f {
    case 1: stage = .status(Status.done)
    case 2: stage = .payload
    default: stage = .status(Status.configurationFault)
    }
    return .running
  }

  private func readPayload() {
    guard let payload = read(descriptor &+ UInt64(Self.headerSize), Self.payloadSize) else {
      stage = .status(Status.readFault)
      return
    }
    let immediate = payload.number(at: 16, 8)
    let (value, width): (UInt64, Int)
    switch payload.number(at: 8, 4) {
    // The cycle counter and the timestamp use the machine's clock.
    case 1, 2: (value, width) = (UInt64(cdrm_monotonic_nanoseconds()), 8)
    case 3: (value, width) = (0, 8)
    case 4: (value, width) = (immediate, 1)
    case 5: (value, width) = (immediate, 2)
    case 6: (value, width) = (immediate, 4)
    case 7: (value, width) = (immediate, 8)
    default:
      stage = .status(Status.configurationFault)
      return
    }
    stage = .target(
      payload.number(at: 0, 8), (0..<width).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
  }

  /// Writes the status to the descriptor; continues with the next one where there was no fault.
  private func finish(_ status: UInt32) -> DeviceProgress {
    _ = write((0..<4).map { UInt8(truncatingIfNeeded: status >> ($0 * 8)) }, at: descriptor)
    guard status == Status.done else { return .failed(.EINVAL) }
    guard next != 0 else { return .ended }
    done.insert(descriptor)
    descriptor = next
    stage = .header
    return .running
  }

  private func read(_ address: UInt64, _ count: Int) -> [UInt8]? {
    reach(address, count)?.flatMap { part in
      part.buffer.memory.deviceReads(part.range, isCoherent: isCoherent)
    }
  }

  private func write(_ bytes: [UInt8], at address: UInt64) -> Bool {
    guard let parts = reach(address, bytes.count) else { return false }
    if let part = parts.first, parts.count == 1 {
      part.buffer.memory.deviceWrites(bytes, at: part.range.lowerBound, isCoherent: isCoherent)
      return true
    }
    var rest = bytes[...]
    for part in parts {
      part.buffer.memory.deviceWrites(
        Array(rest.prefix(part.range.count)), at: part.range.lowerBound, isCoherent: isCoherent)
      rest = rest.dropFirst(part.range.count)
    }
    return true
  }

  /// Returns the parts of BOs at an address; the fault of the GPU maps pages of a heap BO.
  private func reach(_ address: UInt64, _ count: Int) -> [PanfrostAddressSpace.Part]? {
    let parts = space.parts(address, count: count)
    for part in parts ?? [] where part.buffer.flags & MockPanfrost.heap != 0 {
      let granule = MockPanfrost.heapGranule
      let last = UInt64(part.range.upperBound - 1) / granule
      for index in UInt64(part.range.lowerBound) / granule...last {
        part.buffer.mapForDMA(index * granule..<(index + 1) * granule)
      }
    }
    return parts
  }
}

extension [UInt8] {
  /// Reads a little-endian number of some bytes.
  fileprivate func number(at offset: Int, _ width: Int) -> UInt64 {
    var number: UInt64 = 0
    for index in 0..<width { number |= UInt64(self[offset + index]) << (index * 8) }
    return number
  }
}
