// SPDX-License-Identifier: MIT

internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// The files of the kernel's tracefs, or a substitute for them; paths are relative to its root.
protocol TraceFiles {
  func names(in directory: String) throws(DRMKernel.Errno) -> [String]

  func makeDirectory(_ path: String) throws(DRMKernel.Errno)

  func removeDirectory(_ path: String) throws(DRMKernel.Errno)

  /// Writes a control file in one call.
  func write(_ text: String, to path: String) throws(DRMKernel.Errno)

  func contents(of path: String) throws(DRMKernel.Errno) -> [UInt8]

  /// Opens a `trace_pipe`; EBUSY where it is open already.
  func openPipe(_ path: String) throws(DRMKernel.Errno) -> any TracePipe
}

/// An open `trace_pipe`, which its deinit closes.
protocol TracePipe: AnyObject {
  /// Returns and consumes text of the buffer; nothing where the buffer is empty.
  func read() throws(DRMKernel.Errno) -> [UInt8]
}

/// The tracefs of the running kernel.
struct Tracefs: TraceFiles {
  private let root: String

  /// Finds where tracefs is mounted: anywhere, although most systems use `/sys/kernel/tracing`.
  ///
  /// - Throws: an error where it is not mounted, has no events of the DMA API, or is closed to this process.
  init() throws(TraceError) {
    let mounts = (try? Self.bytes(of: "/proc/self/mounts")) ?? []
    guard let root = Self.root(inMounts: String(decoding: mounts, as: UTF8.self)) else {
      throw TraceError("tracefs is not mounted (mount -t tracefs nodev /sys/kernel/tracing)")
    }
    self.root = root + "/"
    do throws(DRMKernel.Errno) {
      _ = try names(in: "events/dma")
    } catch .ENOENT {
      throw TraceError("this kernel has no dma trace events (Linux 6.12 and later have them)")
    } catch {
      throw TraceError("\(root.printable): \(error) (root may use it)")
    }
  }

  /// Returns where a list of mounts, in the format of `/proc/self/mounts`, has tracefs.
  static func root(inMounts mounts: String) -> String? {
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count > 2, fields[2] == "tracefs" { return unescaped(fields[1]) }
    }
    return nil
  }

  /// Replaces `\040` by a space, and so on.
  private static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  func names(in directory: String) throws(DRMKernel.Errno) -> [String] {
    guard let stream = unsafe opendir(root + directory) else { throw lastErrno() }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
    }
    return names
  }

  func makeDirectory(_ path: String) throws(DRMKernel.Errno) {
    guard unsafe mkdir(root + path, 0o700) == 0 else { throw lastErrno() }
  }

  func removeDirectory(_ path: String) throws(DRMKernel.Errno) {
    guard unsafe rmdir(root + path) == 0 else { throw lastErrno() }
  }

  func write(_ text: String, to path: String) throws(DRMKernel.Errno) {
    let file = try TraceDescriptor(root + path, O_WRONLY)
    let count = unsafe Glibc.write(file.number, text, text.utf8.count)
    guard count >= 0 else { throw lastErrno() }
    guard count == text.utf8.count else { throw .EIO }
  }

  func contents(of path: String) throws(DRMKernel.Errno) -> [UInt8] {
    try Self.bytes(of: root + path)
  }

  func openPipe(_ path: String) throws(DRMKernel.Errno) -> any TracePipe {
    try TraceDescriptor(root + path, O_RDONLY | O_NONBLOCK)
  }

  private static func bytes(of path: String) throws(DRMKernel.Errno) -> [UInt8] {
    let file = try TraceDescriptor(path, O_RDONLY)
    var bytes: [UInt8] = []
    while true {
      let chunk = try file.read()
      guard !chunk.isEmpty else { return bytes }
      bytes += chunk
    }
  }
}

/// An open file of tracefs.
private final class TraceDescriptor: TracePipe {
  let number: CInt

  init(_ path: String, _ flags: CInt) throws(DRMKernel.Errno) {
    number = unsafe open(path, flags | O_CLOEXEC)
    guard number >= 0 else { throw lastErrno() }
  }

  deinit { if number >= 0 { close(number) } }

  func read() throws(DRMKernel.Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
      }
      if count >= 0 { return Array(bytes[..<count]) }
      if errno == EAGAIN { return [] }
      guard errno == EINTR else { throw lastErrno() }
    }
  }
}

private func lastErrno() -> DRMKernel.Errno { DRMKernel.Errno(rawValue: errno) }
