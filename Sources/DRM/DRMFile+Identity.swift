// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

extension DRMFile {
  /// Queries the driver's name, description and version.
  ///
  /// `DRM_IOCTL_VERSION` is issued twice: for the lengths of the strings, then for the strings.
  func identify() throws(DRMError) -> DriverIdentity {
    var version = cdrm_version()
    let answer = answer(to: cdrm_request_version, &version)
    guard Errno(answer: answer) != .ENOTTY else {
      throw DRMError(operation: .identify, reason: .notADRMNode, subject: .node(path))
    }
    guard answer >= 0 else { throw DRMError.make(.identify, answer: answer, .node(path)) }
    // Names are short; at most a page is allocated, whatever the kernel returns.
    var name = [UInt8](repeating: 0, count: Int(min(version.name_len, 4096)))
    var summary = [UInt8](repeating: 0, count: Int(min(version.desc_len, 4096)))
    let again = unsafe name.withUnsafeMutableBufferPointer { name in
      unsafe summary.withUnsafeMutableBufferPointer { summary in
        version = cdrm_version()
        version.name_len = .init(name.count)
        version.name = .init(UInt(bitPattern: name.baseAddress))
        version.desc_len = .init(summary.count)
        version.desc = .init(UInt(bitPattern: summary.baseAddress))
        return self.answer(to: cdrm_request_version, &version)
      }
    }
    guard again >= 0 else { throw DRMError.make(.identify, answer: again, .node(path)) }
    return DriverIdentity(
      name: String(decoding: name, as: UTF8.self),
      summary: String(decoding: summary, as: UTF8.self),
      version: DriverVersion(Int(version.major), Int(version.minor), Int(version.patchlevel))
    )
  }

  /// Reads a capability, nil where the driver does not have it: `DRM_IOCTL_GET_CAP`.
  func capability(_ capability: UInt64) throws(DRMError) -> UInt64? {
    var argument = cdrm_get_cap(capability: capability, value: 0)
    let answer = answer(to: cdrm_request_get_cap, &argument)
    switch Errno(answer: answer) {
    case nil: return argument.value
    case .EINVAL, .EOPNOTSUPP: return nil
    default: throw DRMError.make(.queryCapability, answer: answer, .node(path))
    }
  }
}
