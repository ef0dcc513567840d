// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// What a recorder knows of the kernel it stands before.
struct RecorderState {
  var identities = Identities()
  private var nodes: NodeNumbers
  private var drivers: [Int: IoctlDriver] = [:]
  // An offset so far behind a known one is that one and a bit.
  private static let reach: UInt64 = 1 << 20

  init(_ kernel: Kernel, drivers: [String: IoctlDriver]) {
    nodes = NodeNumbers(kernel)
    for (path, driver) in drivers { self.drivers[nodes.device(of: path)] = driver }
  }

  /// Takes note of a node that was opened, and answers which descriptor it is.
  mutating func open(_ number: CInt, _ path: String) -> Int {
    identities.descriptors.give(number, device: nodes.device(of: path))
  }

  /// Takes note of who answers at a node.
  mutating func learn(_ driver: IoctlDriver, at number: CInt) {
    guard let device = identities.descriptors.entry(number)?.device, device > 0 else { return }
    drivers[device] = drivers[device] ?? driver
  }

  /// Answers who answers driver ioctls at a descriptor.
  func driver(at number: CInt, for request: IoctlRequest) -> IoctlDriver? {
    guard request.type == UInt8(ascii: "d"),
      CDRM_COMMAND_BASE..<CDRM_COMMAND_END ~= request.number
    else { return nil }
    return identities.descriptors.entry(number).flatMap { drivers[$0.device] }
  }

  /// Names a descriptor.
  func name(of number: CInt) -> Call.Descriptor {
    if let identity = identities.descriptors.identity(of: number) { return .given(identity) }
    // What the standard streams are is no part of a recording.
    if 0...2 ~= number { return .host(.other) }
    if let file = HostFiles.kind(of: number) { return .host(file) }
    if let closed = identities.descriptors.lastIdentity(of: number) { return .given(closed) }
    return .literal(number)
  }

  /// Names an offset of `mmap`.
  func name(ofOffset offset: Int64, at number: CInt) -> Call.Offset {
    guard let device = identities.descriptors.entry(number)?.device, device > 0, offset >= 0 else {
      return .literal(offset)
    }
    let value = UInt64(offset)
    let offsets = identities.fakeOffsets
    if let identity = offsets.identity(of: value, in: device) ?? offsets.identity(of: value) {
      return .given(identity, delta: 0)
    }
    guard let identity = offsets.nearest(below: value, in: device, within: Self.reach),
      let start = offsets.value(of: identity)
    else { return .literal(offset) }
    return .given(identity, delta: Int64(value - start))
  }

  /// Names an address that is to be unmapped.
  func name(ofAddress address: Int) -> Call.Address {
    guard let identity = identities.mappings.identity(of: address),
      let entry = identities.mappings.entry(identity)
    else { return .elsewhere(isAligned: address % Int(cdrm_page_size()) == 0) }
    return .mapping(identity, delta: address - entry.address)
  }
}
