// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// `DRM_IOCTL_VERSION` and `DRM_IOCTL_GET_CAP`.
let versionChecks: [Check] = [
  Check(
    "core.version.lengths_without_buffers",
    "VERSION without buffers succeeds and returns the full length of each string."
  ) { probe in
    var version = cdrm_version()
    version.name_len = 99
    version = try probe.call(cdrm_request_version, version)
    try probe.expectEqual("name_len", Int(version.name_len), probe.node.identity.name.utf8.count)
    try probe.expectEqual("desc_len", Int(version.desc_len), probe.node.identity.summary.utf8.count)
  },
  Check(
    "core.version.name_truncated",
    "VERSION truncates the name to a short buffer, without a NUL, and returns the full length."
  ) { probe in
    var name: (UInt8, UInt8, UInt8, UInt8) = (0x2e, 0x2e, 0x2e, 0x2e)
    try unsafe withUnsafeMutablePointer(to: &name) { buffer in
      var version = cdrm_version()
      version.name_len = 3
      version.name = UInt64(UInt(bitPattern: buffer))
      version = try probe.call(cdrm_request_version, version)
      try probe.expectEqual("name_len", Int(version.name_len), probe.node.identity.name.utf8.count)
    }
    let wanted = Array(probe.node.identity.name.utf8.prefix(3)) + [0x2e]
    try probe.expectEqual("name buffer", [name.0, name.1, name.2, name.3], wanted)
  },
  Check(
    "core.version.bad_buffer", "VERSION with an unmapped name buffer fails with EFAULT."
  ) { probe in
    var version = cdrm_version()
    version.name_len = 3
    version.name = unmappedAddress
    try probe.call(cdrm_request_version, version, .EFAULT)
  },
  Check(
    "core.get_cap.prime", "Every driver imports and exports dma-bufs: GET_CAP PRIME returns 3."
  ) { probe in
    try probe.expectEqual("PRIME", capability(CDRM_CAP_PRIME, probe), 3)
  },
  Check(
    "core.get_cap.timestamp_monotonic",
    "GET_CAP TIMESTAMP_MONOTONIC returns 1, also without a display."
  ) { probe in
    try probe.expectEqual("TIMESTAMP_MONOTONIC", capability(CDRM_CAP_TIMESTAMP_MONOTONIC, probe), 1)
  },
  Check(
    "core.get_cap.display",
    "GET_CAP of a display capability fails with EOPNOTSUPP on a driver without a display."
  ) { probe in
    let argument = try probe.call(
      cdrm_request_get_cap, cdrm_get_cap(capability: UInt64(CDRM_CAP_DUMB_BUFFER), value: 7),
      .errno(.EOPNOTSUPP))
    try probe.expectEqual("value", argument.value, 0)
  },
  Check(
    "panthor.get_cap.syncobj", "panthor has syncobjs and timeline syncobjs.", .driver(.panthor)
  ) { probe in
    try probe.expectEqual("SYNCOBJ", capability(CDRM_CAP_SYNCOBJ, probe), 1)
    try probe.expectEqual("SYNCOBJ_TIMELINE", capability(CDRM_CAP_SYNCOBJ_TIMELINE, probe), 1)
  },
]

private func capability(_ capability: Int, _ probe: Probe) throws -> UInt64 {
  let argument = cdrm_get_cap(capability: UInt64(capability), value: 99)
  return try probe.call(cdrm_request_get_cap, argument).value
}

/// `DRM_IOCTL_SET_CLIENT_NAME`.
let clientNameChecks: [Check] = [
  Check(
    "core.client_name.characters",
    "A client name with anything but printable ASCII without spaces fails with EINVAL.",
    .clientNames
  ) { probe in
    try probe.expect(setName("gemsync", in: probe), .success)
    for name in ["a b", "caf\u{e9}", "a\u{0}b", "a\n"] {
      try probe.expect(setName(name, in: probe), .EINVAL)
    }
  },
  Check(
    "core.client_name.length",
    "A client name has up to 64 bytes, 0 bytes clear it, and 65 bytes fail with EINVAL.",
    .clientNames
  ) { probe in
    try probe.expect(setName(String(repeating: "x", count: 64), in: probe), .success)
    try probe.expect(setName("", in: probe), .success)
    try probe.expect(setName(String(repeating: "x", count: 65), in: probe), .EINVAL)
  },
  .call(
    "core.client_name.bad_pointer", "A client name in unmapped memory fails with EFAULT.",
    cdrm_request_set_client_name, cdrm_set_client_name(name_len: 4, name: unmappedAddress),
    .EFAULT, .clientNames),
]

private func setName(_ name: String, in probe: Probe) -> CInt {
  let bytes = Array(name.utf8)
  return unsafe bytes.withUnsafeBufferPointer { buffer in
    var argument = cdrm_set_client_name(
      name_len: UInt64(buffer.count), name: UInt64(UInt(bitPattern: buffer.baseAddress)))
    return probe.ioctl(cdrm_request_set_client_name, &argument)
  }
}
