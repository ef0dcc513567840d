// SPDX-License-Identifier: MIT

internal import CDRM
internal import CMockSupport
internal import DRMKernel

extension MockPanthor {
  /// DEV_QUERY: returns the size of a type without a pointer, else its fields: `panthor_ioctl_dev_query`.
  static func deviceQuery(
    _ file: MockFile,
    _ argument: inout cdrm_panthor_dev_query
  ) throws(Errno) {
    let profile = file.device.profile
    let gpuInfoSize = profile.minor >= cachedMaps ? 112 : 104
    switch Int(argument.type) {
    case CDRM_PANTHOR_DEV_QUERY_GPU_INFO:
      // Older kernels end the struct before gpu_features; the fields up to there are mandatory.
      try copyOut(&argument, gpuInfo(profile), known: gpuInfoSize, minimum: 96)
    case CDRM_PANTHOR_DEV_QUERY_CSIF_INFO:
      let info = cdrm_panthor_csif_info(
        csg_slot_count: 4,
        cs_slot_count: 8,
        cs_reg_count: 96,
        scoreboard_slot_count: 8,
        unpreserved_cs_reg_count: 4,
        pad: 0
      )
      try copyOut(&argument, info, minimum: 24)
    case CDRM_PANTHOR_DEV_QUERY_TIMESTAMP_INFO where profile.minor >= 1:
      try timestamp(&argument, minor: profile.minor)
    case CDRM_PANTHOR_DEV_QUERY_GROUP_PRIORITIES_INFO where profile.minor >= 2:
      // High and realtime need CAP_SYS_NICE.
      var info = cdrm_panthor_group_priorities_info()
      info.allowed_mask = cmock_is_superuser() ? 0b1111 : 0b0011
      try copyOut(&argument, info, minimum: 4)
    case CDRM_PANTHOR_DEV_QUERY_MMU_INFO where profile.minor >= 9:
      try copyOut(&argument, cdrm_panthor_mmu_info(page_size_bitmap: 0x20_1000), minimum: 8)
    default: throw .EINVAL
    }
  }

  /// Returns the device's clocks, which do not run here; since 1.8 the caller's flags select them.
  private static func timestamp(
    _ argument: inout cdrm_panthor_dev_query, minor: Int
  ) throws(Errno) {
    var info = cdrm_panthor_timestamp_info()
    let known = minor >= 8 ? MemoryLayout<cdrm_panthor_timestamp_info>.size : 24
    if minor >= 8, argument.pointer != 0 {
      let size = Int(argument.size)
      let tail = argument.pointer &+ UInt64(known)
      guard try ClientMemory.isZero(tail, count: size - known) else { throw .E2BIG }
      let bytes = try ClientMemory.readBytes(argument.pointer, count: min(size, known))
      let allFlags: UInt8 = 0x1f
      let flags = bytes.dropFirst(24).prefix(4)
      guard flags.first.map({ $0 & ~allFlags == 0 }) ?? true,
        flags.dropFirst().allSatisfy({ $0 == 0 })
      else { throw .EINVAL }
    }
    info.timestamp_frequency = 1_000_000_000
    try copyOut(&argument, info, known: known, minimum: 16)
  }

  /// Copies fields out up to the caller's size, and zeroes a longer rest: `panthor_set_uobj`.
  ///
  /// Without a pointer only the size is returned.
  private static func copyOut<Info: BitwiseCopyable>(
    _ argument: inout cdrm_panthor_dev_query,
    _ info: Info,
    known: Int = MemoryLayout<Info>.size,
    minimum: Int
  ) throws(Errno) {
    guard argument.pointer != 0 else {
      argument.size = UInt32(known)
      return
    }
    let room = Int(argument.size)
    guard room >= minimum else { throw .EINVAL }
    let bytes = unsafe withUnsafeBytes(of: info) { unsafe Array($0.prefix(min(room, known))) }
    try ClientMemory.writeBytes(argument.pointer, bytes)
    if room > known {
      try ClientMemory.clear(argument.pointer + UInt64(known), count: room - known)
    }
  }

  /// The registers of a Mali-G610 MC4 in an RK3588, as far as the memory uAPI needs them.
  static func gpuInfo(_ profile: MockProfile) -> cdrm_panthor_gpu_info {
    var info = cdrm_panthor_gpu_info()
    info.gpu_id = 0xa867_0005
    info.csf_id = 0x040a_0412
    info.l2_features = 0x0713_0206
    info.tiler_features = 0x809
    info.mem_features = 1
    info.mmu_features = 0x2830
    info.thread_features = 0x0401_6000
    info.max_threads = 0x300
    info.thread_max_workgroup_size = 0x180
    info.thread_max_barrier_size = 0x180
    info.texture_features = (0x00fe_001e, 0xffff, 0x9f81_ffff, 0)
    info.as_present = 0xff
    info.coherency_features = 1
    if profile.minor >= cachedMaps {
      info.selected_coherency = UInt32(
        profile.isCoherent ? CDRM_PANTHOR_COHERENCY_ACE_LITE : CDRM_PANTHOR_COHERENCY_NONE
      )
    }
    info.shader_present = 0x50005
    info.l2_present = 1
    info.tiler_present = 1
    return info
  }
}
