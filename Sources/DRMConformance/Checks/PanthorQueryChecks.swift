// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM

/// `DRM_IOCTL_PANTHOR_DEV_QUERY` and `BO_QUERY_INFO`.
let panthorQueryChecks: [Check] = [
  Check(
    "panthor.dev_query.gpu_info_size",
    "DEV_QUERY of gpu_info without a pointer gives its size, whatever was passed in.",
    .driver("panthor")
  ) { probe in
    var argument = cdrm_panthor_dev_query(type: gpuInfo, size: 7, pointer: 0)
    try probe.expect(probe.ioctl(cdrm_request_panthor_dev_query, &argument), .success)
    try probe.expectEqual("at least 96 bytes", argument.size >= 96, true)
    try probe.expectEqual("whole words", argument.size % 8, 0)
  },
  Check(
    "panthor.dev_query.csif_info_size",
    "DEV_QUERY of csif_info without a pointer gives 24 bytes.",
    .driver("panthor")
  ) { probe in
    var argument = cdrm_panthor_dev_query(
      type: UInt32(CDRM_PANTHOR_DEV_QUERY_CSIF_INFO),
      size: 0,
      pointer: 0
    )
    try probe.expect(probe.ioctl(cdrm_request_panthor_dev_query, &argument), .success)
    try probe.expectEqual("size", argument.size, 24)
  },
  Check(
    "panthor.dev_query.types",
    "DEV_QUERY knows each type from its version on; before, sizing it is EINVAL.",
    .driver("panthor")
  ) { probe in
    let firstMinors = [
      CDRM_PANTHOR_DEV_QUERY_GPU_INFO: 0, CDRM_PANTHOR_DEV_QUERY_CSIF_INFO: 0,
      CDRM_PANTHOR_DEV_QUERY_TIMESTAMP_INFO: 1, CDRM_PANTHOR_DEV_QUERY_GROUP_PRIORITIES_INFO: 2,
      CDRM_PANTHOR_DEV_QUERY_MMU_INFO: 9,
    ]
    for (type, minor) in firstMinors.sorted(by: { $0.key < $1.key }) {
      var sizing = cdrm_panthor_dev_query(type: UInt32(type), size: 0, pointer: 0)
      let isKnown = probe.node.identity.version.minor >= minor
      try probe.expect(
        probe.ioctl(cdrm_request_panthor_dev_query, &sizing), isKnown ? .success : .EINVAL)
    }
  },
  Check(
    "panthor.dev_query.unknown_type",
    "DEV_QUERY of an unknown type is EINVAL, sizing it too.",
    .driver("panthor")
  ) { probe in
    var sizing = cdrm_panthor_dev_query(type: 4711, size: 0, pointer: 0)
    try probe.expect(probe.ioctl(cdrm_request_panthor_dev_query, &sizing), .EINVAL)
    try probe.expect(query(4711, room: 112, in: probe).answer, .EINVAL)
  },
  Check(
    "panthor.dev_query.too_small",
    "DEV_QUERY of gpu_info with room for less than tiler_present is EINVAL.",
    .driver("panthor")
  ) { probe in
    try probe.expect(query(gpuInfo, room: 95, in: probe).answer, .EINVAL)
  },
  Check(
    "panthor.dev_query.smallest",
    "DEV_QUERY of gpu_info with room up to tiler_present fills that and no more.",
    .driver("panthor")
  ) { probe in
    let result = query(gpuInfo, room: 96, in: probe)
    try probe.expect(result.answer, .success)
    try probe.expectEqual("bytes past the room", Array(result.bytes[96..<104]), garbage(8))
    try probe.expectEqual("gpu_id is filled", Array(result.bytes[0..<4]) != garbage(4), true)
  },
  Check(
    "panthor.dev_query.longer",
    "DEV_QUERY with more room than the kernel knows zeroes the rest and leaves size as it was.",
    .driver("panthor")
  ) { probe in
    var sizing = cdrm_panthor_dev_query(type: gpuInfo, size: 0, pointer: 0)
    try probe.expect(probe.ioctl(cdrm_request_panthor_dev_query, &sizing), .success)
    let known = min(Int(sizing.size), 192)
    let result = query(gpuInfo, room: 200, in: probe)
    try probe.expect(result.answer, .success)
    try probe.expectEqual("tail is zero", result.bytes[known..<200].allSatisfy { $0 == 0 }, true)
    try probe.expectEqual("size", result.size, 200)
  },
  Check(
    "panthor.dev_query.bad_pointer",
    "DEV_QUERY into memory that is not mapped is EFAULT.",
    .driver("panthor")
  ) { probe in
    var argument = cdrm_panthor_dev_query(
      type: gpuInfo,
      size: 112,
      pointer: UInt64(unmappedAddress)
    )
    try probe.expect(probe.ioctl(cdrm_request_panthor_dev_query, &argument), .EFAULT)
  },
  Check(
    "panthor.dev_query.selected_coherency",
    "selected_coherency is ACE-Lite or none: panthor never selects full ACE.",
    .driver("panthor"),
    .feature(.reportsCoherency)
  ) { probe in
    let result = query(gpuInfo, room: 112, in: probe)
    try probe.expect(result.answer, .success)
    let wanted: UInt8 = probe.node.coherency.isCoherent == true ? 0 : 31
    try probe.expectEqual("selected_coherency", Array(result.bytes[68..<72]), [wanted, 0, 0, 0])
  },
  Check(
    "panthor.bo_query.outputs_overwritten",
    "BO_QUERY_INFO ignores what its outputs and pad held and gives the creation flags.",
    .driver("panthor"),
    .feature(.bufferQuery)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    var argument = cdrm_panthor_bo_query_info(
      handle: buffer.handle.rawValue,
      extra_flags: 0xdead,
      create_flags: 0xbeef,
      pad: 0xffff
    )
    try probe.expect(probe.ioctl(cdrm_request_panthor_bo_query_info, &argument), .success)
    try probe.expectEqual(
      "create, extra, pad",
      [argument.create_flags, argument.extra_flags, argument.pad],
      [UInt32(CDRM_PANTHOR_BO_WB_MMAP), 0, 0]
    )
  },
  Check(
    "panthor.bo_query.no_mmap",
    "BO_QUERY_INFO gives NO_MMAP back.",
    .driver("panthor"),
    .feature(.bufferQuery)
  ) { probe in
    let info = try probe.node.createBuffer(size: 4096, mapping: .none).info()
    try probe.expectEqual("mapping", info.mapping, CPUMapping.none)
  },
  Check(
    "panthor.bo_query.default",
    "BO_QUERY_INFO gives no flags for a BO made without any.",
    .driver("panthor"),
    .feature(.bufferQuery)
  ) { probe in
    let info = try probe.node.createBuffer(size: 4096).info()
    try probe.expectEqual("mapping", info.mapping, .writeCombining)
    try probe.expectEqual("imported", info.isImported, false)
  },
  Check(
    "panthor.bo_query.bad_handle",
    "BO_QUERY_INFO of handle 0 or one that never was is ENOENT.",
    .driver("panthor"),
    .feature(.bufferQuery)
  ) { probe in
    for handle: UInt32 in [0, 4711] {
      var argument = cdrm_panthor_bo_query_info(
        handle: handle,
        extra_flags: 0,
        create_flags: 0,
        pad: 0
      )
      try probe.expect(probe.ioctl(cdrm_request_panthor_bo_query_info, &argument), .ENOENT)
    }
  },
  Check(
    "panthor.bo_query.absent",
    "Without the feature, BO_QUERY_INFO is EINVAL.",
    .driver("panthor"),
    .lacks(.bufferQuery)
  ) { probe in
    var argument = cdrm_panthor_bo_query_info()
    try probe.expect(probe.ioctl(cdrm_request_panthor_bo_query_info, &argument), .EINVAL)
  },
]

private let gpuInfo = UInt32(CDRM_PANTHOR_DEV_QUERY_GPU_INFO)

private func garbage(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x2e, count: count) }

/// Queries into a buffer of garbage; answers it with the size that came back.
private func query(
  _ type: UInt32,
  room: UInt32,
  in probe: Probe
) -> (answer: CInt, bytes: [UInt8], size: UInt32) {
  var bytes = garbage(256)
  var argument = cdrm_panthor_dev_query(type: type, size: room, pointer: 0)
  let answer = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
    argument.pointer = UInt64(UInt(bitPattern: buffer.baseAddress))
    return probe.ioctl(cdrm_request_panthor_dev_query, &argument)
  }
  return (answer, bytes, argument.size)
}
