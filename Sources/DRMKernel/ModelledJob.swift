// SPDX-License-Identifier: MIT

/// A job for a modelled device: accesses in order, which run after the jobs that it waits for.
public struct ModelledJob: Sendable {
  /// One access to a range of a BO.
  public struct Access: Sendable {
    /// The BO's handle in the job's node.
    public let handle: UInt32
    /// The bytes, from the start of the BO.
    public let range: Range<UInt64>
    /// The bytes to write, as many as the range has; nil for a read.
    public let bytes: [UInt8]?

    /// Creates an access.
    public init(handle: UInt32, range: Range<UInt64>, writing bytes: [UInt8]? = nil) {
      self.handle = handle
      self.range = range
      self.bytes = bytes
    }
  }

  /// The open node that it is submitted to.
  public let descriptor: CInt
  /// The queue; jobs on one queue of one device run one after another.
  public let queue: Int
  /// The accesses, in order.
  public let accesses: [Access]
  /// The numbers of jobs whose fences it waits for, in addition to the driver's implicit fences.
  public let after: [Int]

  /// Creates a job.
  public init(descriptor: CInt, queue: Int, accesses: [Access], after: [Int] = []) {
    self.descriptor = descriptor
    self.queue = queue
    self.accesses = accesses
    self.after = after
  }
}

/// The result of a read by a job.
public struct ModelledRead: Hashable, Sendable {
  /// The job's number.
  public let job: Int
  /// The index of the access in the job, from 0.
  public let access: Int
  /// The bytes that the device read.
  public let bytes: [UInt8]

  /// Creates a result.
  public init(job: Int, access: Int, bytes: [UInt8]) {
    self.job = job
    self.access = access
    self.bytes = bytes
  }
}
