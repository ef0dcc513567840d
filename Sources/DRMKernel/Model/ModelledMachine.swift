// SPDX-License-Identifier: MIT

/// What only a modelled machine offers beside system calls: its caches take note of each access, and its
/// devices read and write memory when they are told to.
///
/// Through a raw mapping a model sees neither loads nor a store of the value that is there already; whoever
/// marks its accesses is modelled exactly.
public protocol ModelledMachine: AnyObject, Sendable {
  /// Tells that the CPU is about to load bytes of a mapping: absent lines are filled.
  func cpuReads(_ address: Int, length: Int)

  /// Tells that the CPU has stored into bytes of a mapping: their lines are there and dirty, whatever they
  /// held.
  func cpuWrote(_ address: Int, length: Int)

  /// Queues a job and answers its number, from 0; or a negated errno: EBADF or ENOENT for what it names,
  /// EINVAL for a range past its BO, EFAULT for a BO that the device has not mapped.
  func submit(_ job: ModelledJob) -> Int

  /// Lets something happen that no system call asks for; -errno where it cannot happen now: EBUSY for a job
  /// that must wait for another, ENOENT for one that has ended.
  func perform(_ event: ModelledEvent) -> CInt

  /// Lets events happen inside the next `DMA_BUF_IOCTL_SYNC` START, between its cache maintenance and the
  /// end of its wait for fences.
  func performWhileWaiting(_ events: [ModelledEvent])

  /// Waits for a job, which runs to its end with all that it waits for.
  func wait(for job: Int)

  /// Answers what jobs have read since the last call, oldest first.
  func takeReads() -> [ModelledRead]

  /// Answers the lines that a range touches; none for what is not there.
  func lines(of range: ModelledRange) -> [ModelledLine]

  /// Says what becomes of dirty lines that are invalidated and not cleaned, from now on.
  func setInvalidation(_ outcome: InvalidationOutcome)
}

/// What becomes of a dirty line that is invalidated: the architecture allows both.
public enum InvalidationOutcome: String, CaseIterable, Hashable, Sendable {
  /// Its bytes are lost.
  case lose
  /// They reach memory first.
  case writeBack = "write_back"
}
