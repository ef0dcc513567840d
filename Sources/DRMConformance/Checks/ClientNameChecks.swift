// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM

/// `DRM_IOCTL_SET_CLIENT_NAME`.
let clientNameChecks: [Check] = [
  Check(
    "core.client_name.characters",
    "A name is of printable ASCII without spaces; anything else is EINVAL.", .clientNames
  ) { probe in
    try probe.expect(setName("gemsync", in: probe), .success)
    for name in ["a b", "caf\u{e9}", "a\u{0}b", "a\n"] {
      try probe.expect(setName(name, in: probe), .EINVAL)
    }
  },
  Check(
    "core.client_name.length",
    "A name has at most 64 bytes, one of none takes the name away; 65 bytes are EINVAL.",
    .clientNames
  ) { probe in
    try probe.expect(setName(String(repeating: "x", count: 64), in: probe), .success)
    try probe.expect(setName("", in: probe), .success)
    try probe.expect(setName(String(repeating: "x", count: 65), in: probe), .EINVAL)
  },
  Check("core.client_name.bad_pointer", "A name that is not mapped is EFAULT.", .clientNames) {
    probe in
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
