// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers

/// `DRM_IOCTL_PANTHOR_DEV_QUERY` and `DRM_IOCTL_PANTHOR_BO_QUERY_INFO`.
let panthorQueryChecks: [Check] = checks(of: .panthor, deviceQueries + bufferQueries)

private let deviceQueries: [Check] = [
  Check(
    "panthor.dev_query.gpu_info_size",
    "DEV_QUERY of gpu_info without a pointer returns its size, for any size passed in."
  ) { probe in
    let size = try size(of: gpuInfo, passing: 7, in: probe)
    try probe.expectEqual("at least 96 bytes", size >= 96, true)
    try probe.expectEqual("whole words", size % 8, 0)
  },
  Check(
    "panthor.dev_query.csif_info_size",
    "DEV_QUERY of csif_info without a pointer returns a size of 24 bytes."
  ) { probe in
    let size = try size(of: UInt32(CDRM_PANTHOR_DEV_QUERY_CSIF_INFO), in: probe)
    try probe.expectEqual("size", size, 24)
  },
  Check(
    "panthor.dev_query.types",
    "DEV_QUERY returns the size of each type from its minor version on, and EINVAL before."
  ) { probe in
    let firstMinors = [
      CDRM_PANTHOR_DEV_QUERY_GPU_INFO: 0, CDRM_PANTHOR_DEV_QUERY_CSIF_INFO: 0,
      CDRM_PANTHOR_DEV_QUERY_TIMESTAMP_INFO: 1, CDRM_PANTHOR_DEV_QUERY_GROUP_PRIORITIES_INFO: 2,
      CDRM_PANTHOR_DEV_QUERY_MMU_INFO: 9,
    ]
    for (type, minor) in firstMinors.sorted(by: { $0.key < $1.key }) {
      let isKnown = probe.node.identity.version.minor >= minor
      _ = try size(of: UInt32(type), isKnown ? .success : .EINVAL, in: probe)
    }
  },
  Check(
    "panthor.dev_query.unknown_type",
    "DEV_QUERY of an unknown type fails with EINVAL, with and without a pointer."
  ) { probe in
    _ = try size(of: 4711, .EINVAL, in: probe)
    try probe.expect(query(4711, room: 112, in: probe).answer, .EINVAL)
  },
  Check(
    "panthor.dev_query.too_small",
    "DEV_QUERY of gpu_info with a size below the end of tiler_present fails with EINVAL."
  ) { probe in
    try probe.expect(query(gpuInfo, room: 95, in: probe).answer, .EINVAL)
  },
  Check(
    "panthor.dev_query.smallest",
    "DEV_QUERY of gpu_info with a size up to tiler_present fills exactly that size."
  ) { probe in
    let result = query(gpuInfo, room: 96, in: probe)
    try probe.expect(result.answer, .success)
    try probe.expectEqual("bytes past the room", Array(result.bytes[96..<104]), garbage(8))
    try probe.expectEqual("gpu_id is filled", Array(result.bytes[0..<4]) != garbage(4), true)
  },
  Check(
    "panthor.dev_query.longer",
    "DEV_QUERY with a size above the kernel's fills the rest with zeroes and returns that size."
  ) { probe in
    let known = min(Int(try size(of: gpuInfo, in: probe)), 192)
    let result = query(gpuInfo, room: 200, in: probe)
    try probe.expect(result.answer, .success)
    try probe.expectEqual("tail is zero", result.bytes[known..<200].allSatisfy { $0 == 0 }, true)
    try probe.expectEqual("size", result.size, 200)
  },
  .call(
    "panthor.dev_query.bad_pointer", "DEV_QUERY into unmapped memory fails with EFAULT.",
    cdrm_request_panthor_dev_query,
    cdrm_panthor_dev_query(type: gpuInfo, size: 112, pointer: unmappedAddress), .EFAULT),
  Check(
    "panthor.dev_query.selected_coherency",
    "selected_coherency is ACE-Lite or none, as panthor never selects ACE.",
    .feature(.reportsCoherency)
  ) { probe in
    let result = query(gpuInfo, room: 112, in: probe)
    try probe.expect(result.answer, .success)
    let wanted: UInt8 = probe.node.coherency.isCoherent == true ? 0 : 31
    try probe.expectEqual("selected_coherency", Array(result.bytes[68..<72]), [wanted, 0, 0, 0])
  },
]

private let bufferQueries: [Check] = [
  Check(
    "panthor.bo_query.outputs_overwritten",
    "BO_QUERY_INFO ignores the input values of its outputs and pad, and overwrites them.",
    .feature(.bufferQuery)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    let argument = try probe.call(
      cdrm_request_panthor_bo_query_info,
      cdrm_panthor_bo_query_info(
        handle: buffer.handle.rawValue, extra_flags: 0xdead, create_flags: 0xbeef, pad: 0xffff))
    try probe.expectEqual(
      "create, extra, pad", [argument.create_flags, argument.extra_flags, argument.pad],
      [UInt32(CDRM_PANTHOR_BO_WB_MMAP), 0, 0])
  },
  Check(
    "panthor.bo_query.no_mmap", "BO_QUERY_INFO returns NO_MMAP for a NO_MMAP BO.",
    .feature(.bufferQuery)
  ) { probe in
    let info = try probe.node.createBuffer(size: 4096, mapping: .none).info()
    try probe.expectEqual("mapping", info.mapping, CPUMapping.none)
  },
  Check(
    "panthor.bo_query.default", "BO_QUERY_INFO returns no flags for a BO created without flags.",
    .feature(.bufferQuery)
  ) { probe in
    let info = try probe.node.createBuffer(size: 4096).info()
    try probe.expectEqual("mapping", info.mapping, .writeCombining)
    try probe.expectEqual("imported", info.isImported, false)
  },
  Check(
    "panthor.bo_query.bad_handle",
    "BO_QUERY_INFO of handle 0 or an unknown handle fails with ENOENT.", .feature(.bufferQuery)
  ) { probe in
    for handle: UInt32 in [0, 4711] {
      var argument = cdrm_panthor_bo_query_info()
      argument.handle = handle
      try probe.call(cdrm_request_panthor_bo_query_info, argument, .ENOENT)
    }
  },
  .call(
    "panthor.bo_query.absent", "BO_QUERY_INFO fails with EINVAL on a driver without it.",
    cdrm_request_panthor_bo_query_info, cdrm_panthor_bo_query_info(), .EINVAL,
    .lacks(.bufferQuery)),
]

private let gpuInfo = UInt32(CDRM_PANTHOR_DEV_QUERY_GPU_INFO)

private func garbage(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x2e, count: count) }

/// Queries without a pointer and returns the size that the kernel reports.
private func size(
  of type: UInt32, passing size: UInt32 = 0, _ outcome: Outcome = .success, in probe: Probe
) throws -> UInt32 {
  try probe.call(
    cdrm_request_panthor_dev_query, cdrm_panthor_dev_query(type: type, size: size, pointer: 0),
    outcome
  ).size
}

/// Queries into a buffer of garbage and returns the buffer and the size that the kernel reports.
private func query(
  _ type: UInt32, room: UInt32, in probe: Probe
) -> (answer: CInt, bytes: [UInt8], size: UInt32) {
  var bytes = garbage(256)
  var argument = cdrm_panthor_dev_query(type: type, size: room, pointer: 0)
  let answer = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
    argument.pointer = UInt64(UInt(bitPattern: buffer.baseAddress))
    return probe.ioctl(cdrm_request_panthor_dev_query, &argument)
  }
  return (answer, bytes, argument.size)
}
