// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel
internal import UAPILayouts

/// What a check's body works with: a freshly opened node, the seam beneath it, and expectations.
///
/// Everything a body leaves behind (files, mappings, descriptors) ends with the probe.
final class Probe {
  let node: DRMNode
  let pageSize: UInt64
  let kernel: Kernel
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
    self.allowsJobs = allowsJobs
    pageSize = UInt64(device.description.pageSize)
    node = try DRMNode(path: device.path, kernel: kernel)
  }

  deinit {
    for mapping in mappings { _ = kernel.munmap(mapping.address, length: mapping.length) }
    for descriptor in descriptors { _ = kernel.close(descriptor) }
  }

  var expected: [String] { expectations }

  /// The machine's other nodes.
  let neighbours: [DeviceDescription]
  /// Who tells what cache maintenance was done.
  let maintenance: (any MaintenanceObserver)?
  /// Whether jobs may be submitted.
  let allowsJobs: Bool

  /// Answers the first other node of a driver, or of any Mali's where none is named.
  func neighbour(_ driver: String? = nil) -> String? {
    neighbours.first { other in
      driver.map { $0 == other.driver } ?? other.knownDriver?.drivesMali ?? false
    }?.path
  }

  /// Whether the machine has a device file, which is opened to see.
  func has(_ path: String) -> Bool {
    let answer = kernel.open(path, flags: AccessMode.readWrite)
    guard answer >= 0 else { return false }
    _ = kernel.close(answer)
    return true
  }

  /// The primary node of the same device.
  var primaryPath: String? {
    kernel.devices().first { $0.renderNode == path || $0.primaryNode == path }?.primaryNode
  }

  /// The render node of the same device.
  var renderPath: String? {
    kernel.devices().first { $0.renderNode == path || $0.primaryNode == path }?.renderNode
  }

  /// Whether taking a name away that is not there succeeds: EINVAL where the ioctl is missing.
  var hasClientNames: Bool {
    var argument = cdrm_set_client_name(name_len: 0, name: 0)
    return ioctl(cdrm_request_set_client_name, &argument) >= 0
  }

  /// Whether the primary node itself is checked.
  var isPrimary: Bool { primaryPath == path }

  /// Opens the node of another device.
  func openOther(_ driver: String? = nil) throws -> DRMNode {
    guard let path = neighbour(driver) else {
      throw Mismatch(subject: "nodes", expected: driver ?? "another device", observed: "none")
    }
    return try DRMNode(path: path, kernel: kernel)
  }

  /// Opens the same node again, with a file of its own.
  func openAgain() throws(DRMError) -> DRMNode {
    try DRMNode(path: path, kernel: kernel)
  }

  /// Opens the same node with other flags than a client would; closed with the probe.
  func open(flags: CInt, path other: String? = nil) throws -> CInt {
    let answer = kernel.open(other ?? path, flags: flags)
    try expect(answer, .success)
    descriptors.append(answer)
    return answer
  }

  /// Performs an ioctl on a node's descriptor, in whatever shape the check wants it.
  func ioctl<Argument: BitwiseCopyable>(
    _ request: UInt,
    _ argument: inout Argument,
    on descriptor: CInt? = nil
  ) -> CInt {
    let answer = unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor ?? node.descriptor, request, pointer)
    }
    // Here a release is what the check is about, so its success counts as an answer too.
    let call = observer.description(of: request, on: descriptor ?? node.descriptor)
    if answer >= 0, call.layout?.isRelease == true {
      observer.note(Observation(call.name, answer: answer))
    }
    return answer
  }

  /// Performs an ioctl whose argument is at an address of the check's choice.
  func ioctl(_ request: UInt, argumentAt address: UInt) -> CInt {
    unsafe kernel.ioctl(
      node.descriptor,
      request,
      UnsafeMutableRawPointer(bitPattern: address)
    )
  }

  /// Maps; unmapped with the probe.
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

  /// Judges what a call at the seam answered.
  func expect(_ answer: some SignedInteger, _ outcome: Outcome) throws {
    let call = observer.all.last?.subject ?? "call"
    // A mapping answers an address, which may be negative as a number; only errnos are failures.
    let errno = -4095..<0 ~= answer ? Errno(answer: answer) : nil
    try judge(call, outcome, errno)
  }

  /// Judges what a call of the client answered.
  func expect(_ outcome: Outcome, from body: () throws(DRMError) -> Void) throws {
    let errno: Errno?
    do throws(DRMError) {
      try body()
      errno = nil
    } catch {
      // What the client refuses by itself is no answer of the device's.
      guard error.errno != nil else { throw error }
      errno = error.errno
    }
    try judge(observer.all.last?.subject ?? "call", outcome, errno)
  }

  /// Judges a value that a call gave or memory held.
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
