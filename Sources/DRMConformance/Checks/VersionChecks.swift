// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// `DRM_IOCTL_VERSION` and `DRM_IOCTL_GET_CAP`.
let versionChecks: [Check] = [
  Check(
    "core.version.lengths_without_buffers",
    "VERSION without buffers succeeds and gives the full length of each string."
  ) { probe in
    var version = cdrm_version()
    version.name_len = 99
    try probe.expect(probe.ioctl(cdrm_request_version, &version), .success)
    try probe.expectEqual("name_len", Int(version.name_len), probe.node.identity.name.utf8.count)
    try probe.expectEqual("desc_len", Int(version.desc_len), probe.node.identity.summary.utf8.count)
  },
  Check(
    "core.version.name_truncated",
    "VERSION fills a short name buffer without a NUL and still gives the full length."
  ) { probe in
    var name: (UInt8, UInt8, UInt8, UInt8) = (0x2e, 0x2e, 0x2e, 0x2e)
    try unsafe withUnsafeMutablePointer(to: &name) { buffer in
      var version = cdrm_version()
      version.name_len = 3
      version.name = UInt64(UInt(bitPattern: buffer))
      try probe.expect(probe.ioctl(cdrm_request_version, &version), .success)
      try probe.expectEqual(
        "name_len",
        Int(version.name_len),
        probe.node.identity.name.utf8.count
      )
    }
    let wanted = Array(probe.node.identity.name.utf8.prefix(3)) + [0x2e]
    try probe.expectEqual("name buffer", [name.0, name.1, name.2, name.3], wanted)
  },
  Check(
    "core.version.bad_buffer",
    "VERSION with a name buffer that is not mapped is EFAULT."
  ) { probe in
    var version = cdrm_version()
    version.name_len = 3
    version.name = UInt64(unmappedAddress)
    try probe.expect(probe.ioctl(cdrm_request_version, &version), .EFAULT)
  },
  Check(
    "core.get_cap.prime",
    "Every driver imports and exports dma-bufs: GET_CAP PRIME is 3."
  ) { probe in
    try probe.expectEqual("PRIME", capability(CDRM_CAP_PRIME, probe), 3)
  },
  Check(
    "core.get_cap.timestamp_monotonic",
    "GET_CAP TIMESTAMP_MONOTONIC is 1 without a display too."
  ) { probe in
    try probe.expectEqual("TIMESTAMP_MONOTONIC", capability(CDRM_CAP_TIMESTAMP_MONOTONIC, probe), 1)
  },
  Check(
    "core.get_cap.display",
    "A capability of displays is EOPNOTSUPP on a render-only driver."
  ) { probe in
    var argument = cdrm_get_cap(capability: UInt64(CDRM_CAP_DUMB_BUFFER), value: 7)
    try probe.expect(
      probe.ioctl(cdrm_request_get_cap, &argument),
      .errno(.EOPNOTSUPP)
    )
    try probe.expectEqual("value", argument.value, 0)
  },
  Check(
    "panthor.get_cap.syncobj",
    "panthor has syncobjs and timeline syncobjs.",
    .driver("panthor")
  ) { probe in
    try probe.expectEqual("SYNCOBJ", capability(CDRM_CAP_SYNCOBJ, probe), 1)
    try probe.expectEqual("SYNCOBJ_TIMELINE", capability(CDRM_CAP_SYNCOBJ_TIMELINE, probe), 1)
  },
]

/// An address that no process has mapped: the first page past zero.
let unmappedAddress: UInt = 0x1000

private func capability(_ capability: Int, _ probe: Probe) throws -> UInt64 {
  var argument = cdrm_get_cap(capability: UInt64(capability), value: 99)
  try probe.expect(probe.ioctl(cdrm_request_get_cap, &argument), .success)
  return argument.value
}
