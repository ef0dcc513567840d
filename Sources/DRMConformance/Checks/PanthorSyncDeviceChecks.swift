// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM

/// `DRM_IOCTL_PANTHOR_BO_SYNC`: what it leaves of the bytes.
let panthorSyncDeviceChecks: [Check] = [
  Check(
    "panthor.bo_sync.never_touched",
    "A BO whose pages nobody ever touched can be synced.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 65536, mapping: .writeBack)
    try probe.expect(.success) { () throws(DRMError) in try buffer.sync(.flush, 0..<65536) }
  },
  keepsBytes("flush_keeps_bytes", "A flush keeps what the CPU wrote.", .flush),
  keepsBytes(
    "flush_and_invalidate_keeps_bytes",
    "A flush-and-invalidate writes back first, so it keeps what the CPU wrote.",
    .flushAndInvalidate
  ),
]

private func keepsBytes(_ name: String, _ statement: String, _ kind: SyncKind) -> Check {
  Check("panthor.bo_sync.\(name)", statement, .driver("panthor"), .feature(.explicitSync)) {
    probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    var mapping = try buffer.map()
    mapping.store(0x0123_4567 as UInt32, at: 60)
    mapping.store(0x89ab_cdef as UInt32, at: 64)
    try probe.expect(.success) { () throws(DRMError) in try buffer.sync(kind, 62..<66) }
    let words = [mapping.load(UInt32.self, at: 60), mapping.load(UInt32.self, at: 64)]
    try probe.expectEqual("words", words, [0x0123_4567, 0x89ab_cdef])
  }
}
