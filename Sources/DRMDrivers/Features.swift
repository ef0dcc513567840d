// SPDX-License-Identifier: MIT

/// The features of a driver at a version, known before any call.
///
/// A missing driver ioctl returns EINVAL, as a wrong argument does, so it cannot be probed.
public struct Features: OptionSet, Hashable, Sendable {
  /// The features as bits of this package, not of a driver.
  public let rawValue: UInt32

  /// Creates a set from its bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// BOs can be created, mapped and shared.
  public static let buffers = Features(rawValue: 1 << 0)
  /// A BO can have a WB mapping on a device that does not snoop.
  public static let writeBackMapping = Features(rawValue: 1 << 1)
  /// CPU caches can be flushed and invalidated by range.
  public static let explicitSync = Features(rawValue: 1 << 2)
  /// The creation flags of a BO, and whether it is imported, can be queried.
  public static let bufferQuery = Features(rawValue: 1 << 3)
  /// The driver reports whether the device snoops.
  public static let reportsCoherency = Features(rawValue: 1 << 4)
  /// A BO can be created without any CPU mapping.
  public static let unmappableBuffers = Features(rawValue: 1 << 5)

  /// A BO can be labelled for debugging tools.
  public static let labels = Features(rawValue: 1 << 6)
  /// A BO can be kept from being executed, and can grow on GPU faults.
  public static let heapBuffers = Features(rawValue: 1 << 7)
  /// BOs have GPU addresses of the kernel's choice, can be waited for and given advice about.
  public static let fixedAddresses = Features(rawValue: 1 << 8)
  /// GPU address spaces are the client's own to make and to fill.
  public static let addressSpaces = Features(rawValue: 1 << 9)
  /// BOs can be made as dumb buffers, on the primary node.
  public static let dumbBuffers = Features(rawValue: 1 << 10)
  /// A BO can be kept for the GPU's firmware.
  public static let protectedBuffers = Features(rawValue: 1 << 11)
  /// Chains of job descriptors can be submitted to job slots.
  public static let jobChains = Features(rawValue: 1 << 12)
  /// Command streams can be submitted to groups of queues.
  public static let queueGroups = Features(rawValue: 1 << 13)

  /// The features with their names, in the order they are listed in.
  public static let named: [(feature: Features, name: String)] = [
    (.buffers, "buffers"), (.unmappableBuffers, "no_mmap"), (.heapBuffers, "heap"),
    (.writeBackMapping, "wb_mmap"), (.explicitSync, "sync"), (.bufferQuery, "bo_query"),
    (.reportsCoherency, "coherency"), (.labels, "labels"), (.fixedAddresses, "gpu_offset"),
    (.addressSpaces, "vm"), (.dumbBuffers, "dumb"), (.protectedBuffers, "fw_protect"),
    (.jobChains, "job_chains"), (.queueGroups, "queue_groups"),
  ]

  /// The names of the features that are present.
  public var names: [String] {
    Self.named.filter { contains($0.feature) }.map(\.name)
  }
}
