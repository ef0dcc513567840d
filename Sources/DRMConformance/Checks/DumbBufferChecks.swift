// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// Dumb buffer ioctls where they are not available: `drm_dumb_buffers.c`.
let dumbBufferChecks: [Check] = [
  Check(
    "core.dumb.render_node", "The dumb buffer ioctls fail with EACCES on a render node.",
    .renderNode
  ) { probe in
    try expectDumbIoctls(.EACCES, in: probe)
  },
  Check(
    "core.dumb.primary_node",
    "On the primary node of a driver without dumb buffers, their ioctls fail with ENOSYS.",
    .feature(.buffers), .lacks(.dumbBuffers), .primaryNode
  ) { probe in
    let descriptor = try probe.open(flags: AccessMode.readOnly, path: probe.primaryPath)
    try expectDumbIoctls(.errno(.ENOSYS), on: descriptor, in: probe)
  },
]

/// Dumb buffers of vgem, which has no other BOs.
let vgemChecks: [Check] = checks(
  of: .vgem,
  [
    Check(
      "vgem.dumb.outputs",
      "The pitch is the length of a row in bytes, and the size is all rows, in whole pages."
    ) { probe in
      for (width, height, bits, pitch) in [(64, 64, 32, 256), (7, 3, 8, 7), (5, 1000, 16, 10)]
        as [(UInt32, UInt32, UInt32, UInt32)]
      {
        let dumb = try probe.node.createDumbBuffer(
          width: width, height: height, bitsPerPixel: bits)
        try probe.expectEqual("pitch", dumb.pitch, pitch)
        let bytes = UInt64(pitch) * UInt64(height)
        let pages = (bytes + probe.pageSize - 1) / probe.pageSize
        try probe.expectEqual("pages", dumb.buffer.size / probe.pageSize, pages)
      }
    },
    refusedSizes(
      "zero", "CREATE_DUMB with a width, height or bpp of 0 fails with EINVAL.",
      [(0, 1, 8), (1, 0, 8), (1, 1, 0)]),
    refusedSizes(
      "overflow", "CREATE_DUMB whose pitch or size overflows 32 bits fails with EINVAL.",
      [(0x4000_0000, 1, 32), (0x1_0000, 0x1_0000, 8), (1, 1, 0xffff_fff9), (1, 1, .max)]),
    Check("vgem.dumb.zeroed", "A new dumb buffer contains zeroes.") { probe in
      let dumb = try probe.node.createDumbBuffer(width: 32, height: 32, bitsPerPixel: 32)
      let bytes = try dumb.buffer.map(.read)
      try probe.expectEqual("first word", bytes.load(UInt64.self, at: 0), 0)
      try probe.expectEqual("last word", bytes.load(UInt64.self, at: bytes.length - 8), 0)
    },
    .call(
      "vgem.dumb.map_bad_handle", "MAP_DUMB of an unknown handle fails with ENOENT.",
      cdrm_request_mode_map_dumb, cdrm_mode_map_dumb(handle: 77, pad: 1, offset: 9), .ENOENT),
    Check("vgem.dumb.destroy", "The second DESTROY_DUMB of a handle fails with EINVAL.") { probe in
      let created = try probe.call(cdrm_request_mode_create_dumb, cdrm_mode_create_dumb(16, 16))
      try probe.expectEqual("handle", created.handle, 1)
      let destroyed = cdrm_mode_destroy_dumb(handle: created.handle)
      try probe.call(cdrm_request_mode_destroy_dumb, destroyed)
      try probe.call(cdrm_request_mode_destroy_dumb, destroyed, .EINVAL)
    },
    Check(
      "vgem.dumb.render_node", "CREATE_DUMB fails with EACCES on the render node of vgem."
    ) { probe in
      let descriptor = try probe.open(flags: AccessMode.readWrite, path: probe.renderPath)
      try probe.call(
        cdrm_request_mode_create_dumb, cdrm_mode_create_dumb(16, 16), .EACCES, on: descriptor)
    },
    Check(
      "vgem.mmap.private_copy", "A MAP_PRIVATE mapping of a dumb buffer fails with EINVAL."
    ) { probe in
      let dumb = try probe.node.createDumbBuffer(width: 64, height: 64, bitsPerPixel: 8)
      let offset = try dumb.buffer.fakeOffset()
      try probe.expect(
        probe.mmap(length: 4096, flags: MapFlags.privateCopy, offset: offset.rawValue), .EINVAL)
    },
    Check(
      "vgem.dumb.map_imported", "MAP_DUMB of a BO of another exporter fails with EINVAL.",
      .otherDevice
    ) { probe in
      let foreign = try probe.openOther().createBuffer(size: 4096).export()
      let imported = try probe.node.importUnprepared(from: foreign)
      try probe.expect(.EINVAL) { () throws(DRMError) in _ = try imported.fakeOffset() }
    },
  ])

/// A check that dumb buffers of these widths, heights and bits per pixel fail with EINVAL.
private func refusedSizes(
  _ name: String, _ statement: String, _ sizes: [(UInt32, UInt32, UInt32)]
) -> Check {
  Check("vgem.dumb.\(name)", statement) { probe in
    for (width, height, bits) in sizes {
      try probe.expect(.EINVAL) { () throws(DRMError) in
        _ = try probe.node.createDumbBuffer(width: width, height: height, bitsPerPixel: bits)
      }
    }
  }
}

/// Judges CREATE_DUMB, MAP_DUMB and DESTROY_DUMB.
private func expectDumbIoctls(
  _ outcome: Outcome, on descriptor: CInt? = nil, in probe: Probe
) throws {
  try probe.call(
    cdrm_request_mode_create_dumb, cdrm_mode_create_dumb(16, 16), outcome, on: descriptor)
  try probe.call(
    cdrm_request_mode_map_dumb, cdrm_mode_map_dumb(handle: 1, pad: 0, offset: 0), outcome,
    on: descriptor)
  try probe.call(
    cdrm_request_mode_destroy_dumb, cdrm_mode_destroy_dumb(handle: 1), outcome, on: descriptor)
}

extension cdrm_mode_create_dumb {
  /// An argument for 32 bits per pixel.
  fileprivate init(_ width: UInt32, _ height: UInt32) {
    self.init()
    self.width = width
    self.height = height
    bpp = 32
  }
}
