// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// Dumb buffers: of vgem, which has them, and of the others, which have not; `drm_dumb_buffers.c`.
let dumbBufferChecks: [Check] = [
  Check(
    "core.dumb.render_node", "Dumb buffers are refused with EACCES on a render node.",
    .renderNode
  ) { probe in
    var argument = cdrm_mode_create_dumb(16, 16)
    try probe.expect(probe.ioctl(cdrm_request_mode_create_dumb, &argument), .EACCES)
    var place = cdrm_mode_map_dumb(handle: 1, pad: 0, offset: 0)
    try probe.expect(probe.ioctl(cdrm_request_mode_map_dumb, &place), .EACCES)
    var gone = cdrm_mode_destroy_dumb(handle: 1)
    try probe.expect(probe.ioctl(cdrm_request_mode_destroy_dumb, &gone), .EACCES)
  },
  Check(
    "core.dumb.primary_node", "A driver without dumb buffers answers ENOSYS on a primary node.",
    .feature(.buffers), .lacks(.dumbBuffers), .primaryNode
  ) { probe in
    let descriptor = try probe.open(flags: AccessMode.readOnly, path: probe.primaryPath)
    var argument = cdrm_mode_create_dumb(16, 16)
    try probe.expect(
      probe.ioctl(cdrm_request_mode_create_dumb, &argument, on: descriptor), .errno(.ENOSYS))
    var place = cdrm_mode_map_dumb(handle: 1, pad: 0, offset: 0)
    try probe.expect(
      probe.ioctl(cdrm_request_mode_map_dumb, &place, on: descriptor), .errno(.ENOSYS))
    var gone = cdrm_mode_destroy_dumb(handle: 1)
    try probe.expect(
      probe.ioctl(cdrm_request_mode_destroy_dumb, &gone, on: descriptor), .errno(.ENOSYS))
  },
  Check(
    "vgem.dumb.outputs", "The pitch is the row in bytes, and the size that of all rows in pages.",
    .driver("vgem")
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
  Check("vgem.dumb.zero", "A dumb buffer with nothing in it is EINVAL.", .driver("vgem")) {
    probe in
    for (width, height, bits) in [(0, 1, 8), (1, 0, 8), (1, 1, 0)]
      as [(UInt32, UInt32, UInt32)]
    {
      try probe.expect(.EINVAL) { () throws(DRMError) in
        _ = try probe.node.createDumbBuffer(width: width, height: height, bitsPerPixel: bits)
      }
    }
  },
  Check(
    "vgem.dumb.overflow", "A dumb buffer whose row or size passes 32 bits is EINVAL.",
    .driver("vgem")
  ) { probe in
    for (width, height, bits) in [
      (0x4000_0000, 1, 32), (0x1_0000, 0x1_0000, 8), (1, 1, 0xffff_fff9), (1, 1, .max),
    ] as [(UInt32, UInt32, UInt32)] {
      try probe.expect(.EINVAL) { () throws(DRMError) in
        _ = try probe.node.createDumbBuffer(width: width, height: height, bitsPerPixel: bits)
      }
    }
  },
  Check("vgem.dumb.zeroed", "A dumb buffer reads as zero.", .driver("vgem")) { probe in
    let dumb = try probe.node.createDumbBuffer(width: 32, height: 32, bitsPerPixel: 32)
    let bytes = try dumb.buffer.map(.read)
    try probe.expectEqual("first word", bytes.load(UInt64.self, at: 0), 0)
    try probe.expectEqual("last word", bytes.load(UInt64.self, at: bytes.length - 8), 0)
  },
  Check(
    "vgem.dumb.map_bad_handle", "MAP_DUMB of a handle that never was is ENOENT.",
    .driver("vgem")
  ) { probe in
    var place = cdrm_mode_map_dumb(handle: 77, pad: 1, offset: 9)
    try probe.expect(probe.ioctl(cdrm_request_mode_map_dumb, &place), .ENOENT)
  },
  Check("vgem.dumb.destroy", "The second DESTROY_DUMB of a handle is EINVAL.", .driver("vgem")) {
    probe in
    var argument = cdrm_mode_create_dumb(16, 16)
    try probe.expect(probe.ioctl(cdrm_request_mode_create_dumb, &argument), .success)
    try probe.expectEqual("handle", argument.handle, 1)
    var gone = cdrm_mode_destroy_dumb(handle: argument.handle)
    try probe.expect(probe.ioctl(cdrm_request_mode_destroy_dumb, &gone), .success)
    try probe.expect(probe.ioctl(cdrm_request_mode_destroy_dumb, &gone), .EINVAL)
  },
  Check(
    "vgem.dumb.render_node", "vgem's dumb buffers are refused with EACCES on its render node.",
    .driver("vgem")
  ) { probe in
    let descriptor = try probe.open(flags: AccessMode.readWrite, path: probe.renderPath)
    var argument = cdrm_mode_create_dumb(16, 16)
    try probe.expect(
      probe.ioctl(cdrm_request_mode_create_dumb, &argument, on: descriptor), .EACCES)
  },
  Check(
    "vgem.mmap.private_copy", "A private mapping of a dumb buffer is EINVAL.", .driver("vgem")
  ) { probe in
    let dumb = try probe.node.createDumbBuffer(width: 64, height: 64, bitsPerPixel: 8)
    let offset = try dumb.buffer.fakeOffset()
    try probe.expect(
      probe.mmap(length: 4096, flags: MapFlags.privateCopy, offset: offset.rawValue), .EINVAL)
  },
  Check(
    "vgem.dumb.map_imported", "MAP_DUMB of a BO of another exporter is EINVAL.",
    .driver("vgem"), .otherDevice
  ) { probe in
    let foreign = try probe.openOther().createBuffer(size: 4096).export()
    let imported = try probe.node.importUnprepared(from: foreign)
    try probe.expect(.EINVAL) { () throws(DRMError) in _ = try imported.fakeOffset() }
  },
]

extension cdrm_mode_create_dumb {
  /// Of 32 bits a pixel.
  fileprivate init(_ width: UInt32, _ height: UInt32) {
    self.init()
    self.width = width
    self.height = height
    bpp = 32
  }
}
