// SPDX-License-Identifier: MIT

/// One read of a script: the CPU's in a step, or a job's.
public enum ReadID: Hashable, Sendable {
  case cpu(step: Int)
  case device(job: Int, access: Int)
}
