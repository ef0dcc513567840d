// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Which syncs a trial leaves out.
enum SyncOmission: Equatable {
  case nothing
  /// The sync with this number, from 0.
  case one(Int)
  case all
}

/// An interposed kernel that leaves out syncs, to find out whether they are needed.
final class SyncOmitter: ForwardingKernel, @unchecked Sendable {
  // Unchecked: the lock guards all state that changes.
  private struct State {
    var isArmed = false
    var omission = SyncOmission.nothing
    var issued: [String] = []
  }

  private let state = Guarded(State())

  /// Starts to note syncs and to leave some out.
  func arm(omitting omission: SyncOmission) {
    state.withLock { state in
      state.isArmed = true
      state.omission = omission
      state.issued = []
    }
  }

  /// Stops, and returns the names of the syncs that were issued or left out.
  func disarm() -> [String] {
    state.withLock { state in
      state.isArmed = false
      return state.issued
    }
  }

  override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    guard let name = unsafe Self.name(of: request & 0xffff_ffff, argument), isLeftOut(name) else {
      return unsafe super.ioctl(descriptor, request, argument)
    }
    return 0
  }

  override func maintainCaches(
    _ operation: CacheOperation, _ address: Int, length: Int
  ) -> CInt {
    let name = operation == .clean ? "userland flush" : "userland flush_and_invalidate"
    return isLeftOut(name)
      ? 0 : super.maintainCaches(operation, address, length: length)
  }

  private func isLeftOut(_ name: String) -> Bool {
    state.withLock { state in
      guard state.isArmed else { return false }
      defer { state.issued.append(name) }
      return state.omission == .all || state.omission == .one(state.issued.count)
    }
  }

  /// Returns the name of a sync; nil for any other call.
  private static func name(of request: UInt, _ argument: UnsafeMutableRawPointer?) -> String? {
    switch request {
    case cdrm_request_panthor_bo_sync: "BO_SYNC"
    case cdrm_request_panfrost_sync_bo: "SYNC_BO"
    case cdrm_request_dma_buf_sync:
      unsafe argument.map { argument in
        unsafe dmaBufName(argument.load(as: cdrm_dma_buf_sync.self).flags)
      }
    default: nil
    }
  }

  private static func dmaBufName(_ flags: UInt64) -> String {
    let access =
      switch Int(flags) & CDRM_DMA_BUF_SYNC_RW {
      case CDRM_DMA_BUF_SYNC_READ: "READ"
      case CDRM_DMA_BUF_SYNC_WRITE: "WRITE"
      default: "RW"
      }
    return "\(flags & UInt64(CDRM_DMA_BUF_SYNC_END) == 0 ? "START" : "END")|\(access)"
  }
}
