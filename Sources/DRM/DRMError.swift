// SPDX-License-Identifier: MIT

public import DRMKernel

/// Which operation failed, why, and on what.
public struct DRMError: Error, Hashable, Sendable {
  /// The operation that failed.
  public let operation: Operation
  /// Why it failed.
  public let reason: Reason
  /// What it was performed on.
  public let subject: Subject

  /// The errno the kernel answered; nil where the client refused before any call.
  public let errno: Errno?

  init(operation: Operation, reason: Reason, subject: Subject) {
    self.operation = operation
    self.reason = reason
    self.subject = subject
    // Stored, since Swift 6.2's optimizer dies on a property that takes the enum apart in a catch.
    errno = if case .answered(let number) = reason { number } else { nil }
  }

  /// What a client asks of a kernel, whatever the driver calls it.
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
    case destroyVM = "destroy"
    case queryVM = "get the state of"
    case bind = "bind in"
    case setRegisterOffset = "move the registers of"
    case mapRegisters = "map the flush-id page of"
    case createSyncobj = "create a syncobj on"
    case destroySyncobj = "give back"
    case signal = "signal or reset"
    case submit = "submit a job to"
    case createGroup = "create a group of queues on"
    case destroyGroup = "end"
    case queryGroup = "get the state of the queues of"
  }

  /// Why an operation failed.
  public enum Reason: Hashable, Sendable {
    /// The kernel answered an errno.
    case answered(Errno)
    /// The driver at this version does not have the operation; nothing was called.
    case needs(driver: String, since: DriverVersion)
    /// The driver does not have the operation at any version; nothing was called.
    case notOffered(driver: String)
    /// The range does not fit the driver's 32 bits; nothing was called.
    case rangeTooLarge
    /// An imported BO syncs through its dma-buf, by itself; nothing was called.
    case importedInBatch
    /// The file opened, but it does not answer as a DRM node.
    case notADRMNode
    /// A DRM driver this client does not speak to.
    case unknownDriver(DriverIdentity)
    /// The kernel claimed success with an answer that cannot be one.
    case impossibleAnswer(String)
    /// The caller's range does not lie within the mapping.
    case outOfRange
    /// This CPU lets no process maintain caches.
    case noUserlandMaintenance
    /// A batch holds operations in the words of one dialect; the BO or the node speaks the other.
    case otherDialect
  }

  /// What an operation is performed on.
  public enum Subject: Hashable, Sendable {
    case node(String)
    case handle(GEMHandle)
    case dmaBuf
    case memoryFile
    case batch(count: Int)
    case vm(UInt32)
    case group(UInt32)
    case syncobj(SyncobjHandle)
  }

  /// The only constructor on failure paths, kept out of line so that success stays small.
  @inline(never)
  static func make(_ operation: Operation, answer: some SignedInteger, _ subject: Subject) -> Self {
    let errno = Errno(rawValue: CInt(truncatingIfNeeded: -answer))
    return Self(operation: operation, reason: .answered(errno), subject: subject)
  }
}

extension DRMError: CustomStringConvertible {
  /// One line that a person can act on.
  public var description: String {
    "cannot \(operation.rawValue) \(subject): \(reason)\(advice)"
  }

  private var advice: String {
    switch (operation, errno) {
    case (.open, .EACCES): "; add the user to the group that owns the node (often render)"
    case (.open, .ENOENT): "; see 'gemsync list' for what there is"
    case (.open, .ENODEV): "; the device was unplugged or its driver is unbound"
    default: ""
    }
  }
}

extension DRMError.Subject: CustomStringConvertible {
  /// The path, handle or descriptor, as a person would name it.
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
  /// The errno with its sentence, or what the client found.
  public var description: String {
    switch self {
    case .answered(let errno): "\(errno) (\(errno.sentence))"
    case .needs(let driver, let since): "needs \(driver) \(since) or later"
    case .notOffered(let driver): "\(driver) has no such operation"
    case .rangeTooLarge: "the driver takes offsets and sizes of 32 bits only"
    case .importedInBatch: "an imported BO syncs through its dma-buf, not in a batch"
    case .notADRMNode: "it is not a DRM node"
    case .unknownDriver(let identity): "no support for the driver \(identity)"
    case .impossibleAnswer(let what): "the kernel answered success but \(what)"
    case .outOfRange: "the range does not lie within the mapping"
    case .noUserlandMaintenance: "this CPU lets no process maintain caches"
    case .otherDialect: "the batch is in the words of the other dialect"
    }
  }
}
