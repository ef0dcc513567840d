// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// An ioctl in words: its name, and the values of a success that do not change from run to run.
struct IoctlDescription {
  let name: String
  /// Whether success only means that something is gone.
  let isRelease: Bool
  private let describe: (@Sendable (UInt64) -> String)?

  init(_ request: UInt) {
    let parts = IoctlRequest(rawValue: request & 0xffff_ffff)
    isRelease =
      parts.type == UInt8(ascii: "d")
      && parts.number == IoctlRequest(rawValue: cdrm_request_gem_close).number
    guard parts.type == UInt8(ascii: "d"), let entry = Self.table[parts.number] else {
      name = "ioctl 0x\(String(parts.type, radix: 16)):0x\(String(parts.number, radix: 16))"
      describe = nil
      return
    }
    name = entry.name
    describe = entry.describe
  }

  /// Reads the values out of the argument; nothing where it cannot be read.
  func values(_ argument: UnsafeMutableRawPointer?) -> String {
    describe?(UInt64(UInt(bitPattern: argument))) ?? ""
  }

  private struct Entry {
    let name: String
    let describe: (@Sendable (UInt64) -> String)?
  }

  private static let table: [Int: Entry] = Dictionary(
    uniqueKeysWithValues: [
      entry("VERSION", cdrm_request_version) { (v: cdrm_version) in
        "version=\(v.major).\(v.minor).\(v.patchlevel) name_len=\(v.name_len) desc_len=\(v.desc_len)"
      },
      entry("GET_CAP", cdrm_request_get_cap) { (v: cdrm_get_cap) in "value=\(v.value)" },
      plain("GEM_CLOSE", cdrm_request_gem_close),
      plain("GEM_CHANGE_HANDLE", cdrm_request_gem_change_handle),
      plain("PRIME_HANDLE_TO_FD", cdrm_request_prime_handle_to_fd),
      entry("PRIME_FD_TO_HANDLE", cdrm_request_prime_fd_to_handle) { (v: cdrm_prime_handle) in
        "handle=\(v.handle)"
      },
      plain("SET_CLIENT_NAME", cdrm_request_set_client_name),
      plain("MODE_CREATE_DUMB", cdrm_request_mode_create_dumb),
      entry("PANTHOR_DEV_QUERY", cdrm_request_panthor_dev_query) {
        (v: cdrm_panthor_dev_query) in "size=\(v.size)"
      },
      entry("PANTHOR_BO_CREATE", cdrm_request_panthor_bo_create) {
        (v: cdrm_panthor_bo_create) in "size=\(v.size) handle=\(v.handle)"
      },
      plain("PANTHOR_BO_MMAP_OFFSET", cdrm_request_panthor_bo_mmap_offset),
      plain("PANTHOR_BO_SYNC", cdrm_request_panthor_bo_sync),
      entry("PANTHOR_BO_QUERY_INFO", cdrm_request_panthor_bo_query_info) {
        (v: cdrm_panthor_bo_query_info) in
        "create_flags=\(v.create_flags) extra_flags=\(v.extra_flags) pad=\(v.pad)"
      },
    ])

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
