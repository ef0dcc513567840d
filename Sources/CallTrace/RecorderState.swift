// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel

/// What a recorder knows about the kernel that it forwards to.
struct RecorderState {
  var identities = Identities()
  /// The number of calls that have begun.
  var count = 0
  private var nodes: NodeNumbers
  private var drivers: [Int: DRMDriver] = [:]
  // The devices of the heaps that were opened.
  private var heaps: Set<Int> = []
  // The greatest distance in bytes of an offset that is named by a fake offset below it.
  private static let reach: UInt64 = 1 << 20

  init(_ kernel: Kernel, drivers: [String: DRMDriver]) {
    nodes = NodeNumbers(kernel)
    for (path, driver) in drivers { self.drivers[nodes.device(of: path)] = driver }
  }

  /// Adds the descriptor of an opened node, and returns its order of appearance.
  mutating func open(_ number: CInt, _ path: String) -> Int {
    let device = nodes.device(of: path)
    if path.hasPrefix(TracePaths.heaps) { heaps.insert(device) }
    return identities.descriptors.add(number, device: device)
  }

  /// Whether a descriptor is a dma-heap's.
  func isHeap(_ number: CInt) -> Bool {
    identities.descriptors.entry(number).map { heaps.contains($0.device) } ?? false
  }

  /// Stores the driver of a descriptor's device.
  mutating func learn(_ driver: DRMDriver, at number: CInt) {
    guard let device = identities.descriptors.entry(number)?.device, device > 0 else { return }
    drivers[device] = drivers[device] ?? driver
  }

  /// Returns the driver of a descriptor's device, for a driver ioctl.
  func driver(at number: CInt, for request: IoctlRequest) -> DRMDriver? {
    guard request.isOfDriver else { return nil }
    return identities.descriptors.entry(number).flatMap { drivers[$0.device] }
  }

  /// Returns a call's name for a descriptor.
  func name(of number: CInt) -> Call.Descriptor {
    if let identity = identities.descriptors.identity(of: number) { return .given(identity) }
    // A recording does not depend on the kind of the standard streams.
    if 0...2 ~= number { return .host(.other) }
    if let file = HostFiles.kind(of: number) { return .host(file) }
    if let closed = identities.descriptors.lastIdentity(of: number) { return .given(closed) }
    return .literal(number)
  }

  /// Returns a call's name for an offset of `mmap`.
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

  /// Returns a call's name for an address of `munmap`.
  func name(ofAddress address: Int) -> Call.Address {
    guard let identity = identities.mappings.identity(of: address),
      let entry = identities.mappings.entry(identity)
    else { return .elsewhere(isAligned: address % Int(cdrm_page_size()) == 0) }
    return .mapping(identity, delta: address - entry.address)
  }
}
