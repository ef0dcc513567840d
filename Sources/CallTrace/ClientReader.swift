// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import UAPILayouts

/// Copies the memory that an ioctl's argument leads to; a bad address raises no signal.
struct ClientReader {
  /// Names descriptors.
  let state: RecorderState

  /// Reads an argument with all memory that it leads to.
  func read(
    _ address: UInt64, of request: IoctlRequest, _ layout: IoctlLayout?
  ) -> (memory: CallMemory, placed: PlacedArgument) {
    var placed = PlacedArgument()
    placed.address = address
    guard address != 0 else { return (.null, placed) }
    guard !CallMemory.isWild(address) else { return (.wild(address), placed) }
    if let limit = layout?.stringLimit {
      let region = Self.string(at: address, limit: limit)
      placed.count = region.bytes.count
      return (.region(region), placed)
    }
    var region = Self.region(at: address, request.size)
    placed.count = region.bytes.count
    if let structure = layout?.structure {
      follow(structure, in: &region, at: 0, size: structure.size) { placed.links.append($0) }
    }
    return (.region(region), placed)
  }

  /// Replaces the pointers and descriptors of one struct in a region by links.
  private func follow(
    _ structure: StructLayout, in region: inout CallRegion, at base: Int, size: Int,
    note: (PlacedArgument.Link) -> Void = { _ in }
  ) {
    // Read before any number is replaced: a pointer's length may come after it.
    let bytes = region.bytes
    for field in structure.fields where field.offset + field.width <= size {
      let span = FieldSpan(offset: base + field.offset, width: field.width)
      guard let value = bytes.number(span) else { continue }
      var room = 0
      let target: CallRegion.Target
      switch field.kind {
      case .descriptor where field.direction == .input:
        let descriptor = state.name(of: CInt(truncatingIfNeeded: value))
        if case .literal = descriptor { continue }
        target = .descriptor(descriptor)
      case .pointer(let kind):
        let memory = read(value, kind, bytes, base)
        if case .region(let region) = memory { room = region.bytes.count }
        target = .pointer(memory)
      default: continue
      }
      region.links.append(CallRegion.Link(at: span.offset, target))
      region.bytes.clear(span.offset..<span.end)
      note(
        PlacedArgument.Link(
          offset: span.offset, width: span.width, value: value, room: room))
    }
  }

  private func read(
    _ address: UInt64, _ target: PointerTarget, _ bytes: [UInt8], _ base: Int
  ) -> CallMemory {
    guard address != 0 else { return .null }
    guard !CallMemory.isWild(address) else { return .wild(address) }
    let extent = PointerExtent(target, in: bytes, at: base)
    switch target {
    case .string(let limit): return .region(Self.string(at: address, limit: limit))
    case .bytes(_, _, let direction, _):
      var region = Self.region(at: address, extent.count ?? 0)
      // The previous contents of an output buffer are not part of the call.
      if direction == .output { region.bytes.clear(0..<region.bytes.count) }
      return .region(region)
    case .array(_, _, let element):
      var region = Self.region(at: address, extent.count ?? 0)
      if extent.step > 0, element.hasLinks {
        for start in stride(from: 0, to: region.bytes.count, by: extent.step) {
          follow(element, in: &region, at: start, size: min(extent.step, element.size))
        }
      }
      return .region(region)
    }
  }

  /// Reads bytes up to the first that is not readable.
  private static func region(at address: UInt64, _ wanted: Int) -> CallRegion {
    let count = min(wanted, CallRegion.limit)
    guard count > 0 else { return CallRegion([]) }
    let whole = [UInt8](clientAddress: address, count: count)
    // A replay has no bytes beyond those that were read.
    if !whole.isEmpty { return CallRegion(whole, isCutOff: wanted > count) }
    var bytes: [UInt8] = []
    while bytes.count < count {
      let next = address + UInt64(bytes.count)
      let length = min(count - bytes.count, Int(4096 - next % 4096))
      let block = [UInt8](clientAddress: next, count: length)
      guard !block.isEmpty else { break }
      bytes += block
    }
    return CallRegion(bytes, isCutOff: true)
  }

  /// Reads a string with its NUL, or `limit` bytes without one.
  private static func string(at address: UInt64, limit: Int) -> CallRegion {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      let next = address + UInt64(bytes.count)
      let block = [UInt8](
        clientAddress: next, count: min(limit - bytes.count, Int(256 - next % 256)))
      guard !block.isEmpty else { return CallRegion(bytes, isCutOff: true) }
      if let end = block.firstIndex(of: 0) { return CallRegion(bytes + block[...end]) }
      bytes += block
    }
    return CallRegion(bytes)
  }
}

extension StructLayout {
  /// Whether any field is a pointer or an input descriptor.
  fileprivate var hasLinks: Bool {
    fields.contains { field in
      switch field.kind {
      case .pointer: true
      case .descriptor: field.direction == .input
      default: false
      }
    }
  }
}
