// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM

/// panthor BOs across files of one device.
let panthorSharingChecks: [Check] = [
  Check(
    "panthor.prime.export_wb_mmap",
    "A WB_MMAP BO can be exported.",
    .driver("panthor"),
    .feature(.writeBackMapping)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    try probe.expect(.success) { () throws(DRMError) in _ = try buffer.export() }
  },
  Check(
    "panthor.prime.export_no_mmap",
    "A NO_MMAP BO can be exported.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .none)
    try probe.expect(.success) { () throws(DRMError) in _ = try buffer.export() }
  },
  Check(
    "panthor.prime.self_import_info",
    "A BO imported by another file of its device keeps its creation flags and is not imported.",
    .driver("panthor"),
    .feature(.bufferQuery)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    let dmaBuf = try buffer.export()
    let other = try probe.openAgain()
    let imported = try other.importBuffer(from: dmaBuf)
    let info = try imported.info()
    try probe.expectEqual("mapping", info.mapping, .writeBack)
    try probe.expectEqual("imported", info.isImported, false)
  },
  Check(
    "panthor.prime.self_import_sync",
    "A BO imported by another file of its device can be synced there.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    let dmaBuf = try buffer.export()
    let other = try probe.openAgain()
    let imported = try other.importBuffer(from: dmaBuf)
    try probe.expect(.success) { () throws(DRMError) in try imported.sync(.flush, 0..<64) }
  },
  Check(
    "panthor.prime.self_import_bytes",
    "Both files of a device map the same bytes of a shared BO.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let dmaBuf = try buffer.export()
    let other = try probe.openAgain()
    let imported = try other.importBuffer(from: dmaBuf)
    var written = try buffer.map()
    written.store(0xc0ff_ee11 as UInt32, at: 0)
    let word = try imported.map(.read).load(UInt32.self, at: 0)
    try probe.expectEqual("first word", word, 0xc0ff_ee11)
  },
  Check(
    "panthor.prime.mode_is_sticky",
    "The first export decides for all: exported read-only, a dma-buf never maps writable.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    for flags: UInt32 in [0x80000, 0x80002] {
      var exported = cdrm_prime_handle(handle: buffer.handle.rawValue, flags: flags, fd: -1)
      try probe.expect(probe.ioctl(cdrm_request_prime_handle_to_fd, &exported), .success)
      let dmaBuf = DMABuf(descriptor: exported.fd, kernel: probe.kernel)
      try probe.expect(probe.mmap(length: 4096, dmaBuf.descriptor, offset: 0), .EACCES)
    }
  },
]
