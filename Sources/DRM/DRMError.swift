// SPDX-License-Identifier: MIT

public import DRMDrivers
public import DRMKernel

/// A failed operation, its reason and its subject.
public struct DRMError: Error, Hashable, Sendable {
  /// The operation that failed.
  public let operation: Operation
  /// Why it failed.
  public let reason: Reason
  /// The object that it was performed on.
  public let subject: Subject

  /// The errno that the kernel returned; nil where the client refused before any call.
  public let errno: Errno?

  init(operation: Operation, reason: Reason, subject: Subject) {
    self.operation = operation
    self.reason = reason
    self.subject = subject
    // Stored: Swift 6.2's optimizer crashes on a computed property that matches the enum in a catch.
    errno = if case .answered(let number) = reason { number } else { nil }
  }

  /// An operation, independent of the driver; the raw value is the verb phrase of the message.
  public enum Operation: String, Hashable, Sendable {
    case open = "open"
    case identify = "identify the driver of"
    case queryCapability = "read a capability of"
    case queryDevice = "query the device at"
    case createBuffer = "create a BO on"
    case closeHandle = "close"
    case fakeOffset = "get the fake offset of"
    case map = "map"
    case unmap = "unmap"
    case readBytes = "read mapped bytes of"
    case writeBytes = "write mapped bytes of"
    case syncBuffer = "sync"
    case queryBuffer = "query"
    case export = "export"
    case importBuffer = "import"
    case seek = "get the size of"
    case close = "close the descriptor of"
    case beginAccess = "begin CPU access to"
    case endAccess = "end CPU access to"
    case name = "name"
    case exportFence = "export a sync file of"
    case importFence = "import a sync file into"
    case label = "label"
    case gpuOffset = "get the GPU address of"
    case wait = "wait for"
    case advise = "advise about"
    case createVM = "create a VM on"
    case queryVM = "get the state of"
    case bind = "bind in"
    case setRegisterOffset = "set the MMIO offset of"
    case mapRegisters = "map the flush-id page of"
    case createSyncobj = "create a syncobj on"
    case destroy = "destroy"
    case signal = "signal or reset"
    case submit = "submit a job to"
    case createGroup = "create a group of queues on"
    case queryGroup = "get the state of the queues of"
  }

  /// Why an operation failed.
  public enum Reason: Hashable, Sendable {
    /// The kernel returned an errno.
    case answered(Errno)
    /// The driver has the operation from a later version on; no call was made.
    case needs(driver: DRMDriver, since: DriverVersion)
    /// The driver does not have the operation at any version; no call was made.
    case notOffered(driver: DRMDriver)
    /// The range does not fit the driver's fields of 32 bits; no call was made.
    case rangeTooLarge
    /// An imported BO syncs through its dma-buf only; no call was made.
    case importedInBatch
    /// The file opened, but it is not a DRM node: `DRM_IOCTL_VERSION` is ENOTTY.
    case notADRMNode
    /// A DRM driver that this client does not support.
    case unknownDriver(DriverIdentity)
    /// The kernel reported success with a result that is impossible.
    case impossibleAnswer(String)
    /// The caller's range does not lie within the mapping.
    case outOfRange
    /// The CPU has no cache maintenance instructions for a process.
    case noUserlandMaintenance
    /// The batch is encoded for another variant of the sync ABI than the BO or the node has.
    case otherSyncABI
  }

  /// The object of an operation.
  public enum Subject: Hashable, Sendable {
    /// A node or another device file, by its path.
    case node(String)
    /// A BO, by its handle.
    case handle(GEMHandle)
    /// A dma-buf.
    case dmaBuf
    /// A memory file of this process.
    case memoryFile
    /// A batch, by the number of its operations.
    case batch(count: Int)
    /// A VM of panthor, by its id.
    case vm(UInt32)
    /// A group of queues of panthor, by its handle.
    case group(UInt32)
    /// A syncobj, by its handle.
    case syncobj(SyncobjHandle)
  }

  /// Makes an error of a negated errno; out of line, so that the code for success stays small.
  @inline(never)
  static func make(_ operation: Operation, answer: some SignedInteger, _ subject: Subject) -> Self {
    let errno = Errno(rawValue: CInt(truncatingIfNeeded: -answer))
    return Self(operation: operation, reason: .answered(errno), subject: subject)
  }
}

extension DRMError: CustomStringConvertible {
  /// One line: operation, subject, reason and, where there is any, advice.
  public var description: String {
    "cannot \(operation.rawValue) \(subject): \(reason)\(advice)"
  }

  private var advice: String {
    switch (operation, errno) {
    case (.open, .EACCES): "; add the user to the group that owns the node (often render)"
    case (.open, .ENOENT): "; see 'gemsync list' for the nodes of this machine"
    case (.open, .ENODEV): "; the device was unplugged or its driver is unbound"
    default: ""
    }
  }
}

extension DRMError.Subject: CustomStringConvertible {
  /// The path, or the kind of object with its number.
  public var description: String {
    switch self {
    case .node(let path): path
    case .handle(let handle): "BO \(handle)"
    case .dmaBuf: "the dma-buf"
    case .memoryFile: "a memory file"
    case .vm(let id): "VM \(id)"
    case .group(let id): "group \(id)"
    case .syncobj(let handle): "syncobj \(handle)"
    case .batch(let count): "a batch of \(count) operations"
    }
  }
}

extension DRMError.Reason: CustomStringConvertible {
  /// The errno with its sentence, or the client's reason.
  public var description: String {
    switch self {
    case .answered(let errno): "\(errno) (\(errno.sentence))"
    case .needs(let driver, let since): "needs \(driver.name) \(since) or later"
    case .notOffered(let driver): "\(driver.name) has no such operation"
    case .rangeTooLarge: "the driver has 32-bit offsets and sizes only"
    case .importedInBatch: "an imported BO syncs through its dma-buf, not in a batch"
    case .notADRMNode: "it is not a DRM node"
    case .unknownDriver(let identity):
      "no support for the driver \(identity)\(identity.isOtherMajor ? ", only for its 1.x" : "")"
    case .impossibleAnswer(let what): "the kernel reported success but \(what)"
    case .outOfRange: "the range does not lie within the mapping"
    case .noUserlandMaintenance: "this CPU has no cache maintenance instructions for a process"
    case .otherSyncABI: "the batch is encoded for the other variant of the sync ABI"
    }
  }
}
