// SPDX-License-Identifier: MIT

internal import DRMKernel

/// One entry of an ioctl table: `struct drm_ioctl_desc`.
@safe
struct MockIoctl: Sendable {
  typealias Handler = @Sendable (MockFile, UnsafeMutableRawBufferPointer) throws(Errno) -> Void

  let request: IoctlRequest
  /// Whether render nodes may call it: `DRM_RENDER_ALLOW`.
  let isRenderAllowed: Bool
  let handler: Handler

  /// Makes an entry whose handler changes the argument as a value; changes before a failure are kept too.
  static func entry<Argument: BitwiseCopyable>(
    _ request: UInt,
    render isRenderAllowed: Bool = true,
    _ body: @escaping @Sendable (MockFile, inout Argument) throws(Errno) -> Void
  ) -> MockIoctl {
    unsafe MockIoctl(request: IoctlRequest(rawValue: request), isRenderAllowed: isRenderAllowed) {
      file,
      bytes throws(Errno) in
      var argument = unsafe bytes.load(as: Argument.self)
      defer { unsafe bytes.storeBytes(of: argument, as: Argument.self) }
      try body(file, &argument)
    }
  }

  /// Makes an entry for an ioctl that is not modelled; it fails with ENOSYS.
  static func notModelled(_ request: UInt, render isRenderAllowed: Bool = true) -> MockIoctl {
    unsafe MockIoctl(request: IoctlRequest(rawValue: request), isRenderAllowed: isRenderAllowed) {
      _,
      _ throws(Errno) in throw .ENOSYS
    }
  }
}

/// Ioctls by number; a number without an entry is EINVAL, not ENOTTY.
struct MockIoctlTable: Sendable {
  private var entries: [MockIoctl?] = []

  init(_ list: [MockIoctl]) {
    for entry in list {
      let number = entry.request.number
      while entries.count <= number { entries.append(nil) }
      entries[number] = entry
    }
  }

  subscript(number: Int) -> MockIoctl? {
    entries.indices.contains(number) ? entries[number] : nil
  }
}
