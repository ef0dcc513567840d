// SPDX-License-Identifier: MIT

internal import CDRM

#if canImport(Glibc)
  internal import Glibc
#endif

/// Files of the host that calls name by kind, created on first use.
final class HostFiles {
  private var numbers: [Call.HostFile: CInt] = [:]
  private static let sealSeal: CInt = 0x1

  /// A descriptor number that is never open.
  static let notOpen = CInt.max - 1

  deinit {
    for number in numbers.values { _ = cdrm_close(number) }
  }

  /// Returns a descriptor of a kind of file.
  func number(of file: Call.HostFile) -> CInt {
    if let number = numbers[file] { return number }
    let number = make(file)
    guard number >= 0 else { return Self.notOpen }
    numbers[file] = number
    return number
  }

  /// Removes a descriptor that a call closed.
  func forget(_ file: Call.HostFile) {
    guard let number = numbers[file], !cdrm_descriptor_is_open(number) else { return }
    numbers[file] = nil
  }

  private func make(_ file: Call.HostFile) -> CInt {
    switch file {
    case .pipe:
      var ends: [CInt] = [-1, -1]
      guard unsafe pipe(&ends) == 0 else { return -1 }
      // Only the duplicate stays open; it is close-on-exec.
      defer { for end in ends { _ = cdrm_close(end) } }
      return cdrm_dup(ends[0])
    case .memory(let size, let seals):
      let size = UInt64(max(size, 0))
      guard seals != Self.sealSeal else { return unsafe cdrm_memory_file("replayed", size) }
      return unsafe cdrm_sealed_memory_file("replayed", size, seals)
    case .other: return cdrm_reserve_descriptor()
    }
  }

  /// Returns the kind of a file that the traced kernel did not return; nil where it is not open.
  static func kind(of number: CInt) -> Call.HostFile? {
    guard number >= 0, cdrm_descriptor_is_open(number) else { return nil }
    let seals = cdrm_seals(number)
    if seals >= 0 { return .memory(size: Int(clamping: cdrm_file_size(number)), seals: seals) }
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { return .other }
    return status.st_mode & S_IFMT == S_IFIFO ? .pipe : .other
  }
}
