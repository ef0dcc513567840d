// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel
internal import UAPILayouts

/// The environment of one check: a newly opened node, its kernel, and the expectations so far.
///
/// The probe's deinit releases all files, mappings and descriptors that the body left open.
final class Probe {
  let node: DRMNode
  let pageSize: UInt64
  let kernel: Kernel
  private let machine: DRMDevice
  private let path: String
  private let observer: ObservingKernel
  private var expectations: [String] = []
  private var descriptors: [CInt] = []
  private var mappings: [(address: Int, length: Int)] = []

  init(_ device: DRMDevice, allowsJobs: Bool, observer: ObservingKernel) throws(DRMError) {
    self.observer = observer
    kernel = .substitute(observer)
    path = device.path
    neighbours = device.neighbours
    maintenance = device.maintenance
    machine = device
    self.allowsJobs = allowsJobs
    pageSize = UInt64(device.description.pageSize)
    node = try DRMNode(path: device.path, kernel: kernel)
  }

  deinit {
    for mapping in mappings { _ = kernel.munmap(mapping.address, length: mapping.length) }
    for descriptor in descriptors { _ = kernel.close(descriptor) }
  }

  var expected: [String] { expectations }

  /// The machine's other devices.
  let neighbours: [DeviceDescription]
  /// Reports the kernel's cache maintenance; nil where that cannot be observed.
  let maintenance: (any MaintenanceObserver)?
  /// Whether jobs may be submitted.
  let allowsJobs: Bool

  /// The driver of the node, by the name that the kernel reports; nil where that is unknown.
  var driver: DRMDriver? { DRMDriver(rawValue: node.identity.name) }

  /// Returns the path of the first other node of a driver, or of any Mali driver for nil.
  func neighbour(_ driver: DRMDriver? = nil) -> String? {
    neighbours.first { other in
      guard let found = other.knownDriver else { return false }
      return driver.map { $0 == found } ?? found.drivesMali
    }?.path
  }

  /// Returns why the process cannot open a device file; nil where it can.
  func reasonNotToOpen(_ path: String) -> String? {
    machine.reasonNotToOpen(path, through: kernel)
  }

  /// The primary node of the same device.
  var primaryPath: String? {
    kernel.devices().first { $0.has(path) }?.primaryNode
  }

  /// The render node of the same device.
  var renderPath: String? {
    kernel.devices().first { $0.has(path) }?.renderNode
  }

  /// Whether the kernel has SET_CLIENT_NAME: without it, clearing the name fails with EINVAL.
  var hasClientNames: Bool {
    var argument = cdrm_set_client_name(name_len: 0, name: 0)
    return ioctl(cdrm_request_set_client_name, &argument) >= 0
  }

  /// Whether the node under test is a primary node.
  var isPrimary: Bool { primaryPath == path }

  /// Opens the node of another device.
  func openOther(_ driver: DRMDriver? = nil) throws -> DRMNode {
    guard let path = neighbour(driver) else {
      throw Mismatch(
        subject: "nodes", expected: driver?.name ?? "another device", observed: "none")
    }
    return try DRMNode(path: path, kernel: kernel)
  }

  /// Opens the same node again, as another open file.
  func openAgain() throws(DRMError) -> DRMNode {
    try DRMNode(path: path, kernel: kernel)
  }

  /// Opens a node or device file, the same node by default; the probe closes the descriptor.
  func open(flags: CInt, path other: String? = nil) throws -> CInt {
    let answer = kernel.open(other ?? path, flags: flags)
    try expect(answer, .success)
    descriptors.append(answer)
    return answer
  }

  /// Performs an ioctl on a descriptor, that of the node by default, and returns 0 or -errno.
  func ioctl<Argument: BitwiseCopyable>(
    _ request: UInt,
    _ argument: inout Argument,
    on descriptor: CInt? = nil
  ) -> CInt {
    let answer = unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor ?? node.descriptor, request, pointer)
    }
    // A release by the check itself is a result, so its success is recorded too.
    let call = observer.description(of: request, on: descriptor ?? node.descriptor)
    if answer >= 0, call.layout?.isRelease == true {
      observer.note(Observation(call.name, answer: answer))
    }
    return answer
  }

  /// Performs an ioctl whose argument is at any address, mapped or not.
  func ioctl(_ request: UInt, argumentAt address: UInt64, on descriptor: CInt? = nil) -> CInt {
    unsafe kernel.ioctl(
      descriptor ?? node.descriptor, request,
      UnsafeMutableRawPointer(bitPattern: UInt(address)))
  }

  /// Performs an ioctl, judges its outcome, and returns the argument with its outputs.
  @discardableResult
  func call<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: Argument, _ outcome: Outcome = .success,
    on descriptor: CInt? = nil
  ) throws -> Argument {
    var argument = argument
    try expect(ioctl(request, &argument, on: descriptor), outcome)
    return argument
  }

  /// Performs `mmap` and returns the address or -errno; the probe unmaps.
  func mmap(
    length: UInt64,
    protection: CInt = Protection.readWrite,
    flags: CInt = MapFlags.shared,
    _ descriptor: CInt? = nil,
    offset: UInt64
  ) -> Int {
    let answer = kernel.mmap(
      length: Int(length),
      protection: protection,
      flags: flags,
      descriptor ?? node.descriptor,
      offset: Int64(offset)
    )
    if !(-4095...0 ~= answer) { mappings.append((answer, Int(length))) }
    return answer
  }

  /// Judges the result of a system call.
  func expect(_ answer: some SignedInteger, _ outcome: Outcome) throws {
    let call = observer.all.last?.subject ?? "call"
    // mmap returns an address, which may be negative as a number; only -4095 to -1 are errnos.
    let errno = -4095..<0 ~= answer ? Errno(answer: answer) : nil
    try judge(call, outcome, errno)
  }

  /// Judges the result of a call of the client.
  func expect(_ outcome: Outcome, from body: () throws(DRMError) -> Void) throws {
    let errno: Errno?
    do throws(DRMError) {
      try body()
      errno = nil
    } catch {
      // An error that the client reports without a system call is no result of the kernel.
      guard error.errno != nil else { throw error }
      errno = error.errno
    }
    try judge(observer.all.last?.subject ?? "call", outcome, errno)
  }

  /// Judges a value that a call returned or that memory holds.
  func expectEqual<Value: Equatable>(_ subject: String, _ value: Value, _ wanted: Value) throws {
    observer.note(Observation(subject, outcome: "\(value)"))
    expectations.append("\(subject): \(wanted)")
    guard value == wanted else {
      throw Mismatch(subject: subject, expected: "\(wanted)", observed: "\(value)")
    }
  }

  private func judge(_ call: String, _ outcome: Outcome, _ errno: Errno?) throws {
    expectations.append("\(call): \(outcome)")
    guard outcome.accepts(errno) else {
      throw Mismatch(
        subject: call,
        expected: "\(outcome)",
        observed: errno.map(String.init(describing:)) ?? "0"
      )
    }
  }
}
