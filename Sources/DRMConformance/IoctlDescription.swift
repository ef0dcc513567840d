// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// An ioctl in words: its name, and the values of a success that do not change from run to run.
struct IoctlDescription {
  let name: String
  /// Whether success only means that something is gone.
  let isRelease: Bool
  private let describe: (@Sendable (UInt64) -> String)?

  init(_ request: UInt, driver: String) {
    let parts = IoctlRequest(rawValue: request & 0xffff_ffff)
    let entry =
      switch (parts.type, parts.number) {
      case (UInt8(ascii: "d"), CDRM_COMMAND_BASE..<CDRM_COMMAND_END):
        Self.drivers[driver]?[parts.number]
      case (UInt8(ascii: "d"), _): Self.core[parts.number]
      case (UInt8(ascii: "b"), _): Self.dmaBuf[parts.number]
      default: nil as Entry?
      }
    let unknown = "ioctl 0x\(String(parts.type, radix: 16)):0x\(String(parts.number, radix: 16))"
    name = entry?.name ?? unknown
    describe = entry?.describe
    isRelease = entry?.isRelease ?? false
  }

  /// Reads the values out of the argument; nothing where it cannot be read.
  func values(_ argument: UnsafeMutableRawPointer?) -> String {
    describe?(UInt64(UInt(bitPattern: argument))) ?? ""
  }

  /// Answers the name a driver gave of itself, where this was a VERSION that asked for it.
  func driverName(_ argument: UnsafeMutableRawPointer?) -> String? {
    guard name == "VERSION" else { return nil }
    let address = UInt64(UInt(bitPattern: argument))
    var version = cdrm_version()
    let size = MemoryLayout<cdrm_version>.size
    guard unsafe cdrm_copy_from_client(&version, address, size) == 0, version.name != 0,
      1...64 ~= version.name_len
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(version.name_len))
    guard unsafe cdrm_copy_from_client(&bytes, version.name, bytes.count) == 0 else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private struct Entry {
    let name: String
    var isRelease = false
    let describe: (@Sendable (UInt64) -> String)?
  }

  private static let core = named([
    entry("VERSION", cdrm_request_version) { (v: cdrm_version) in
      "version=\(v.major).\(v.minor).\(v.patchlevel) name_len=\(v.name_len) desc_len=\(v.desc_len)"
    },
    entry("GET_CAP", cdrm_request_get_cap) { (v: cdrm_get_cap) in "value=\(v.value)" },
    release("GEM_CLOSE", cdrm_request_gem_close),
    plain("GEM_CHANGE_HANDLE", cdrm_request_gem_change_handle),
    plain("PRIME_HANDLE_TO_FD", cdrm_request_prime_handle_to_fd),
    entry("PRIME_FD_TO_HANDLE", cdrm_request_prime_fd_to_handle) { (v: cdrm_prime_handle) in
      "handle=\(v.handle)"
    },
    plain("SET_CLIENT_NAME", cdrm_request_set_client_name),
    plain("MODE_CREATE_DUMB", cdrm_request_mode_create_dumb),
    entry("SYNCOBJ_CREATE", cdrm_request_syncobj_create) { (v: cdrm_syncobj_create) in
      "handle=\(v.handle)"
    },
    plain("SYNCOBJ_DESTROY", cdrm_request_syncobj_destroy),
    plain("SYNCOBJ_HANDLE_TO_FD", cdrm_request_syncobj_handle_to_fd),
    plain("SYNCOBJ_FD_TO_HANDLE", cdrm_request_syncobj_fd_to_handle),
  ])

  private static let dmaBuf = named([
    plain("DMA_BUF_SYNC", cdrm_request_dma_buf_sync),
    plain("DMA_BUF_SET_NAME", cdrm_request_dma_buf_set_name),
    plain("DMA_BUF_EXPORT_SYNC_FILE", cdrm_request_dma_buf_export_sync_file),
    plain("DMA_BUF_IMPORT_SYNC_FILE", cdrm_request_dma_buf_import_sync_file),
  ])

  private static let drivers = ["panthor": panthor, "panfrost": panfrost]

  private static let panthor = named([
    entry("PANTHOR_DEV_QUERY", cdrm_request_panthor_dev_query) { (v: cdrm_panthor_dev_query) in
      "size=\(v.size)"
    },
    entry("PANTHOR_VM_CREATE", cdrm_request_panthor_vm_create) { (v: cdrm_panthor_vm_create) in
      "id=\(v.id)"
    },
    release("PANTHOR_VM_DESTROY", cdrm_request_panthor_vm_destroy),
    plain("PANTHOR_VM_BIND", cdrm_request_panthor_vm_bind),
    entry("PANTHOR_VM_GET_STATE", cdrm_request_panthor_vm_get_state) {
      (v: cdrm_panthor_vm_get_state) in "state=\(v.state)"
    },
    entry("PANTHOR_BO_CREATE", cdrm_request_panthor_bo_create) { (v: cdrm_panthor_bo_create) in
      "size=\(v.size) handle=\(v.handle)"
    },
    plain("PANTHOR_BO_MMAP_OFFSET", cdrm_request_panthor_bo_mmap_offset),
    plain("PANTHOR_BO_SET_LABEL", cdrm_request_panthor_bo_set_label),
    plain("PANTHOR_SET_USER_MMIO_OFFSET", cdrm_request_panthor_set_user_mmio_offset),
    plain("PANTHOR_BO_SYNC", cdrm_request_panthor_bo_sync),
    entry("PANTHOR_BO_QUERY_INFO", cdrm_request_panthor_bo_query_info) {
      (v: cdrm_panthor_bo_query_info) in
      "create_flags=\(v.create_flags) extra_flags=\(v.extra_flags) pad=\(v.pad)"
    },
  ])

  private static let panfrost = named([
    plain("PANFROST_WAIT_BO", cdrm_request_panfrost_wait_bo),
    entry("PANFROST_CREATE_BO", cdrm_request_panfrost_create_bo) {
      (v: cdrm_panfrost_create_bo) in "size=\(v.size) handle=\(v.handle)"
    },
    plain("PANFROST_MMAP_BO", cdrm_request_panfrost_mmap_bo),
    entry("PANFROST_GET_PARAM", cdrm_request_panfrost_get_param) {
      (v: cdrm_panfrost_get_param) in "value=\(v.value)"
    },
    plain("PANFROST_GET_BO_OFFSET", cdrm_request_panfrost_get_bo_offset),
    entry("PANFROST_MADVISE", cdrm_request_panfrost_madvise) { (v: cdrm_panfrost_madvise) in
      "retained=\(v.retained)"
    },
    plain("PANFROST_SET_LABEL_BO", cdrm_request_panfrost_set_label_bo),
    plain("PANFROST_SYNC_BO", cdrm_request_panfrost_sync_bo),
    entry("PANFROST_QUERY_BO_INFO", cdrm_request_panfrost_query_bo_info) {
      (v: cdrm_panfrost_query_bo_info) in
      "create_flags=\(v.create_flags) extra_flags=\(v.extra_flags) pad=\(v.pad)"
    },
  ])

  private static func named(_ entries: [(Int, Entry)]) -> [Int: Entry] {
    Dictionary(uniqueKeysWithValues: entries)
  }

  private static func release(_ name: String, _ request: UInt) -> (Int, Entry) {
    (
      IoctlRequest(rawValue: request).number,
      Entry(name: name, isRelease: true, describe: nil)
    )
  }

  private static func plain(_ name: String, _ request: UInt) -> (Int, Entry) {
    (IoctlRequest(rawValue: request).number, Entry(name: name, describe: nil))
  }

  private static func entry<Argument: BitwiseCopyable>(
    _ name: String,
    _ request: UInt,
    _ text: @escaping @Sendable (Argument) -> String
  ) -> (Int, Entry) {
    let describe: @Sendable (UInt64) -> String = { address in
      // Copied as a kernel copies: a substitute may answer success for a pointer that leads nowhere.
      let size = MemoryLayout<Argument>.size
      return unsafe withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { bytes in
        guard let base = bytes.baseAddress,
          unsafe cdrm_copy_from_client(base, address, size) == 0
        else { return "" }
        return unsafe text(bytes.load(as: Argument.self))
      }
    }
    return (IoctlRequest(rawValue: request).number, Entry(name: name, describe: describe))
  }
}
