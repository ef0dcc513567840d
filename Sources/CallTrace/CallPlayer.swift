// SPDX-License-Identifier: MIT

internal import CDRM
public import DRMDrivers
public import DRMKernel

/// Makes calls on a kernel and returns their outcomes, both without the numbers of this run.
///
/// It owns every descriptor and mapping that the calls leave open. It is not thread-safe.
public final class CallPlayer {
  let kernel: Kernel
  var identities = Identities()
  let arena = ArgumentArena()
  let hostFiles = HostFiles()
  private let paths: [String: String]
  private let opensOtherPaths: Bool
  private var nodes: NodeNumbers
  // The drivers of devices by their numbers, where calls of other drivers are not made.
  private var drivers: [Int: DRMDriver]?

  /// Creates a player of calls that this process generates.
  ///
  /// - Parameters:
  ///   - kernel: the kernel to call.
  ///   - paths: paths to open in place of those that calls name.
  public init(_ kernel: Kernel, paths: [String: String] = [:]) {
    self.kernel = kernel
    self.paths = paths
    opensOtherPaths = true
    nodes = NodeNumbers(kernel)
  }

  /// Creates a player of calls from a file, which may come from anyone.
  ///
  /// It opens exporters and the given nodes; any other node does not exist. It makes a driver's ioctls on nodes of
  /// that driver only: another driver may take a number in the argument for an address.
  ///
  /// - Parameters:
  ///   - kernel: the kernel to call.
  ///   - nodes: the node to open for each path of a call.
  public init(_ kernel: Kernel, nodes replayed: [String: Node]) {
    self.kernel = kernel
    paths = replayed.mapValues(\.path)
    opensOtherPaths = false
    var nodes = NodeNumbers(kernel)
    var drivers: [Int: DRMDriver] = [:]
    for node in replayed.values { drivers[nodes.device(of: node.path)] = node.driver }
    (self.nodes, self.drivers) = (nodes, drivers)
  }

  /// A node to open.
  public struct Node: Hashable, Sendable {
    public let path: String
    public let driver: DRMDriver

    /// Creates a node.
    public init(path: String, driver: DRMDriver) {
      (self.path, self.driver) = (path, driver)
    }
  }

  deinit { end() }

  /// Makes a call.
  public func play(_ call: Call) -> CallOutcome {
    switch call {
    case .open(let path, let flags): return open(path, flags)
    case .close(let descriptor): return close(descriptor)
    case .ioctl(let call): return play(call)
    case .mmap(let length, let protection, let flags, let descriptor, let offset):
      return map(length, protection, flags, descriptor, offset)
    case .munmap(let address, let length): return unmap(address, length)
    case .lseek(let descriptor, let offset, let whence):
      return CallOutcome(kernel.lseek(number(of: descriptor), offset: offset, whence: whence))
    case .poll(let descriptor, let events, let milliseconds):
      return CallOutcome(
        Int64(kernel.poll(number(of: descriptor), events: events, milliseconds: milliseconds)))
    case .duplicate(let descriptor): return duplicate(descriptor)
    case .store(let mapping, let at, let bytes): return store(mapping, at, bytes)
    case .maintain(let mapping, let at, let count, let operation):
      return maintain(mapping, at, count, operation)
    case .load(let mapping, let at, let count): return load(mapping, at, count)
    }
  }

  /// Closes and unmaps everything that is open, and resets the orders of appearance.
  public func end() {
    for range in identities.mappings.live {
      _ = kernel.munmap(range.lowerBound, length: range.count)
    }
    for number in identities.descriptors.openNumbers { _ = kernel.close(number) }
    identities = Identities()
  }

  /// Returns the number of a call's descriptor in this process.
  func number(of descriptor: Call.Descriptor) -> CInt {
    switch descriptor {
    case .given(let identity):
      let entry = identities.descriptors.entry(ofIdentity: identity)
      guard let entry, !entry.isOpen else { return entry?.number ?? HostFiles.notOpen }
      return closed(entry.number)
    case .host(let file): return hostFiles.number(of: file)
    case .literal(let number): return closed(number)
    }
  }

  /// Returns a number that names no file: the given one, or another where this process has it open.
  private func closed(_ number: CInt) -> CInt {
    number >= 0 && cdrm_descriptor_is_open(number) ? HostFiles.notOpen : number
  }

  /// Whether the driver of a descriptor's device may get an ioctl.
  func mayGet(_ call: IoctlCall, _ descriptor: CInt) -> Bool {
    guard let drivers, call.request.isOfDriver,
      let device = identities.descriptors.entry(descriptor)?.device, device > 0
    else { return true }
    return drivers[device].map { call.isMeant(for: $0) } ?? false
  }

  private func open(_ path: String, _ flags: CInt) -> CallOutcome {
    guard opensOtherPaths || paths[path] != nil || TracePaths.isExporter(path) else {
      return .failure(.ENOENT)
    }
    let path = paths[path] ?? path
    let number = kernel.open(path, flags: flags)
    guard number >= 0 else { return CallOutcome(Int64(number)) }
    return CallOutcome(
      Int64(identities.descriptors.add(number, device: nodes.device(of: path))))
  }

  private func close(_ descriptor: Call.Descriptor) -> CallOutcome {
    let number = number(of: descriptor)
    let result = kernel.close(number)
    if result >= 0 { identities.close(number) }
    if case .host(let file) = descriptor { hostFiles.forget(file) }
    return CallOutcome(Int64(result))
  }

  private func duplicate(_ descriptor: Call.Descriptor) -> CallOutcome {
    let original = number(of: descriptor)
    let number = kernel.duplicate(original)
    guard number >= 0 else { return CallOutcome(Int64(number)) }
    return CallOutcome(Int64(identities.descriptors.add(number, duplicateOf: original)))
  }
}
