// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import UAPILayouts

extension CallPlayer {
  /// Performs an ioctl, with its argument copied to memory of the player.
  func play(_ call: IoctlCall) -> CallOutcome {
    arena.reset()
    let layout = call.layout
    let descriptor = number(of: call.descriptor)
    guard mayGet(call, descriptor) else { return .failure(.EINVAL) }
    var placed = PlacedArgument()
    placed.isOwnMemory = true
    switch call.withDeadlines().argument {
    case .null: break
    case .wild(let address): placed.address = address
    case .region(let region):
      // The kernel reads the whole argument, even where the call holds fewer bytes.
      placed.count = call.argumentSize
      placed.address = place(region, count: placed.count) { placed.links.append($0) }
    }
    let argument = unsafe UnsafeMutableRawPointer(
      bitPattern: UInt(truncatingIfNeeded: placed.address))
    let result = unsafe kernel.ioctl(descriptor, call.request.rawValue, argument)
    return placed.outcome(result, of: call.request, layout, at: descriptor, &identities)
  }

  /// Copies a region with all memory that it leads to, and returns its address.
  private func place(
    _ region: CallRegion, count: Int, note: (PlacedArgument.Link) -> Void = { _ in }
  ) -> UInt64 {
    guard let address = arena.allocate(count, isCutOff: region.isCutOff),
      let base = unsafe UnsafeMutableRawPointer(bitPattern: address)
    else { return 0 }
    unsafe region.bytes.withUnsafeBytes { source in
      guard let first = source.baseAddress else { return }
      unsafe base.copyMemory(from: first, byteCount: source.count)
    }
    for index in region.bytes.count..<count {
      unsafe base.storeBytes(of: 0, toByteOffset: index, as: UInt8.self)
    }
    for link in region.links where link.offset >= 0 && link.offset + link.target.width <= count {
      let (value, room) = resolve(link.target)
      if case .descriptor = link.target {
        unsafe base.storeBytes(
          of: UInt32(truncatingIfNeeded: value), toByteOffset: link.offset, as: UInt32.self)
      } else {
        unsafe base.storeBytes(of: value, toByteOffset: link.offset, as: UInt64.self)
      }
      note(
        PlacedArgument.Link(
          offset: link.offset, width: link.target.width, value: value, room: room))
    }
    return UInt64(UInt(bitPattern: address))
  }

  private func resolve(_ target: CallRegion.Target) -> (value: UInt64, room: Int) {
    switch target {
    case .descriptor(let descriptor): (UInt64(UInt32(bitPattern: number(of: descriptor))), 0)
    case .pointer(.null): (0, 0)
    case .pointer(.wild(let address)): (address, 0)
    case .pointer(.region(let region)):
      (place(region, count: region.bytes.count), region.bytes.count)
    }
  }
}
