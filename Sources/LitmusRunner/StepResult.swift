// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMKernel

/// What became of one step, before it is compared with what must become of it.
enum StepResult {
  /// It succeeded.
  case done
  /// It read bytes of the mapping.
  case read(ReadJudge.Finding)
  /// It was left out, as what it needs is not there; the script goes on.
  case skipped(String)
  /// The kernel, or the model, refused it; with a sentence for a person.
  case refused(Errno, String)
  /// The driver or the CPU has no such thing; the script ends.
  case lacking(String)
  /// It cannot be carried out as the script is written.
  case unsound(String)

  /// What an error of the client means for the script.
  init(_ error: DRMError) {
    if let errno = error.errno {
      self = .refused(errno, "\(error)")
      return
    }
    switch error.reason {
    case .needs, .notOffered, .rangeTooLarge, .noUserlandMaintenance: self = .lacking("\(error)")
    default: self = .unsound("\(error)")
    }
  }
}
