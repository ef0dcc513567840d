// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import Devices

#if canImport(Glibc)
  internal import Glibc
#endif

/// A device core dump of a GPU: what its driver wrote about a hang, in `/sys/class/devcoredump`.
///
/// The kernel keeps one dump a device for five minutes, and makes no other before that one is freed.
public struct CoreDump: Hashable, Sendable {
  /// The name, such as `devcd1`.
  public let name: String
  /// The name of the failing device in sysfs, such as `fb000000.gpu`.
  public let device: String
  private let root: String

  /// The bytes that ``save(to:atMost:)`` copies unless told otherwise.
  public static let defaultBytes = 16 << 20

  private static let folder = "/sys/class/devcoredump"

  /// A dump that could not be copied or freed.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ path: String, _ errno: Errno) {
      description = "\(path.printable): \(errno.sentence)"
    }
  }

  /// Lists the names of all dumps of the machine, of any device.
  static func names(in root: MachineRoot) -> Set<String> {
    let names = (try? root.names(folder).names) ?? []
    return Set(names.filter { $0.hasPrefix("devcd") })
  }

  /// Identifies a dump; nil where it is not of the device, or not of a GPU that this package supports.
  ///
  /// - Parameter device: the name in sysfs; nil for any supported GPU.
  init?(_ dump: String, of device: String?, in root: MachineRoot) {
    // A dump may vanish at any time.
    guard let path = try? root.resolve("\(Self.folder)/\(dump)/failing_device"),
      let failing = path.split(separator: "/").last, failing != "failing_device",
      let driver = (try? root.resolve("\(path)/driver"))?.split(separator: "/").last,
      DRMDriver(rawValue: String(driver))?.drivesGPU == true,
      device == nil || device == String(failing)
    else { return nil }
    name = dump
    self.device = String(failing)
    self.root = root.path
  }

  /// Copies the dump into a new file, which is removed where the copy fails.
  ///
  /// - Returns: the number of bytes copied, and whether the dump has more.
  public func save(
    to path: String, atMost most: Int = defaultBytes
  ) throws(Failure) -> (bytes: Int, isCut: Bool) {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Failure(path, Errno(rawValue: errno)) }
    var copied = 0
    var isCut = false
    var failure: Failure?
    do throws(Errno) {
      try MachineRoot(root).read("\(Self.folder)/\(name)/data") { chunk in
        let part = chunk.prefix(most - copied)
        isCut = part.count < chunk.count
        guard Self.write(part, to: file) else {
          failure = Failure(path, Errno(rawValue: errno))
          return false
        }
        copied += part.count
        return !isCut
      }
    } catch {
      failure = Failure("\(Self.folder)/\(name)/data", error)
    }
    if close(file) != 0, failure == nil { failure = Failure(path, Errno(rawValue: errno)) }
    if let failure {
      _ = unsafe unlink(path)
      throw failure
    }
    return (copied, isCut)
  }

  /// Frees the dump in the kernel, so that the driver can make the next one.
  public func free() throws(Failure) {
    let path = "\(Self.folder)/\(name)/data"
    let resolved: String
    do throws(Errno) {
      resolved = try MachineRoot(root).resolve(path)
    } catch {
      throw Failure(path, error)
    }
    let file = unsafe open(root + resolved, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { throw Failure(path, Errno(rawValue: errno)) }
    defer { close(file) }
    guard Self.write(Array("free".utf8)[...], to: file) else {
      throw Failure(path, Errno(rawValue: errno))
    }
  }

  private static func write(_ bytes: ArraySlice<UInt8>, to file: CInt) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }
}
