// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM

/// `DRM_IOCTL_SET_CLIENT_NAME`.
let clientNameChecks: [Check] = [
  Check("core.client_name.plain", "A client may be named.") { probe in
    try probe.expect(setName("gemsync", in: probe), .success)
  },
  Check("core.client_name.none", "A name of no bytes takes the name away.") { probe in
    try probe.expect(setName("", in: probe), .success)
  },
  Check("core.client_name.longest", "A name has at most 64 bytes.") { probe in
    try probe.expect(setName(String(repeating: "x", count: 64), in: probe), .success)
  },
  Check("core.client_name.too_long", "A name of 65 bytes is EINVAL.") { probe in
    try probe.expect(setName(String(repeating: "x", count: 65), in: probe), .EINVAL)
  },
  Check("core.client_name.space", "A name with a space is EINVAL.") { probe in
    try probe.expect(setName("a b", in: probe), .EINVAL)
  },
  Check("core.client_name.not_ascii", "A name of other than printable ASCII is EINVAL.") { probe in
    try probe.expect(setName("caf\u{e9}", in: probe), .EINVAL)
    try probe.expect(setName("a\u{0}b", in: probe), .EINVAL)
  },
  Check("core.client_name.bad_pointer", "A name that is not mapped is EFAULT.") { probe in
    var argument = cdrm_set_client_name(name_len: 4, name: UInt64(unmappedAddress))
    try probe.expect(probe.ioctl(cdrm_request_set_client_name, &argument), .EFAULT)
  },
]

private func setName(_ name: String, in probe: Probe) -> CInt {
  let bytes = Array(name.utf8)
  return unsafe bytes.withUnsafeBufferPointer { buffer in
    var argument = cdrm_set_client_name(
      name_len: UInt64(buffer.count), name: UInt64(UInt(bitPattern: buffer.baseAddress)))
    return probe.ioctl(cdrm_request_set_client_name, &argument)
  }
}
