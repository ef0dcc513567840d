// SPDX-License-Identifier: MIT

/// A job for a modelled device: accesses in order, run at any time after the jobs it waits for.
public struct ModelledJob: Sendable {
  /// One access to a range of a BO.
  public struct Access: Sendable {
    /// The BO's handle in the job's node.
    public let handle: UInt32
    /// In bytes.
    public let range: Range<UInt64>
    /// The bytes to write, as many as the range has; nil to read.
    public let bytes: [UInt8]?

    /// Creates an access.
    public init(handle: UInt32, range: Range<UInt64>, writing bytes: [UInt8]? = nil) {
      self.handle = handle
      self.range = range
      self.bytes = bytes
    }
  }

  /// The open node it is submitted to.
  public let descriptor: CInt
  /// Jobs on one queue of one device run one after another.
  public let queue: Int
  public let accesses: [Access]
  /// The numbers of jobs whose fences it waits for, beside those that its driver finds by itself.
  public let after: [Int]

  /// Creates a job.
  public init(descriptor: CInt, queue: Int, accesses: [Access], after: [Int] = []) {
    self.descriptor = descriptor
    self.queue = queue
    self.accesses = accesses
    self.after = after
  }
}

/// What a job's read found.
public struct ModelledRead: Hashable, Sendable {
  /// The job's number.
  public let job: Int
  /// Which of its accesses it was, from 0.
  public let access: Int
  public let bytes: [UInt8]

  /// Creates a result.
  public init(job: Int, access: Int, bytes: [UInt8]) {
    self.job = job
    self.access = access
    self.bytes = bytes
  }
}
