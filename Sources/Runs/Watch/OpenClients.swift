// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Devices

/// The DRM files that a process has open, and their memory, from `/proc/PID/fdinfo`.
///
/// The keys are those of the kernel's document `gpu/drm-usage-stats`. Several descriptors of one file description
/// have one client id, and count once.
public struct OpenClients: Hashable, Sendable {
  /// One open file description of a DRM node.
  struct Client: Hashable {
    let driver: String
    /// The node, such as `/dev/dri/renderD128`; the driver's name where it is not known.
    var node: String
    /// The total size of its BOs in bytes; nil where the driver does not report it.
    let memory: UInt64?
  }

  /// A client id is unique for each device, or everywhere.
  struct Identity: Hashable {
    let device: String
    let id: UInt64
  }

  private(set) var clients: [Identity: Client] = [:]

  private static let mostFiles = 4096
  private static let mostBytes = 16 << 10

  /// Reads the files that a process has open; none where the process is gone or belongs to another user.
  ///
  /// - Parameters:
  ///   - process: the id of the process; nil for this one.
  ///   - root: a directory in place of `/`.
  public init(of process: Int32? = nil, root: String = "") {
    self.init(of: process, in: MachineRoot(root))
  }

  init(of process: Int32?, in root: MachineRoot) {
    let folder = "/proc/\(process.map { "\($0)" } ?? "self")"
    guard let numbers = try? root.names("\(folder)/fdinfo").names else { return }
    for number in numbers.prefix(Self.mostFiles) {
      guard let text = try? root.text("\(folder)/fdinfo/\(number)", atMost: Self.mostBytes),
        let (identity, client) = Self.parse(text)
      else { continue }
      var found = client
      if let node = root.target(of: "\(folder)/fd/\(number)"), node.hasPrefix("/dev/dri/") {
        found.node = node
      }
      clients[identity] = found
    }
  }

  /// Parses the content of a file of fdinfo; nil where it is no DRM file, or has no client id.
  static func parse(_ text: String) -> (Identity, Client)? {
    var driver: String?
    var device = ""
    var id: UInt64?
    var totals: UInt64?
    var olds: UInt64?
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let key = line[..<colon]
      guard key.hasPrefix("drm-") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      switch key {
      case "drm-driver": driver = String(value.prefix(64))
      case "drm-pdev": device = String(value.prefix(256))
      case "drm-client-id": id = UInt64(value)
      default:
        if key.hasPrefix("drm-total-"), !key.hasPrefix("drm-total-cycles-"), let size = bytes(value)
        {
          totals = sum(totals, size)
        } else if key.hasPrefix("drm-memory-"), let size = bytes(value) {
          // The older name of the same.
          olds = sum(olds, size)
        }
      }
    }
    guard let driver, let id else { return nil }
    return (
      Identity(device: device, id: id),
      Client(driver: driver, node: driver, memory: totals ?? olds)
    )
  }

  /// Parses `64 KiB`; a number without a unit is bytes.
  static func bytes(_ text: Substring) -> UInt64? {
    let words = text.split(separator: " ")
    guard 1...2 ~= words.count, let number = UInt64(words[0]) else { return nil }
    let shift: UInt64
    switch words.count == 2 ? words[1] : "" {
    case "": shift = 0
    case "KiB": shift = 10
    case "MiB": shift = 20
    case "GiB": shift = 30
    default: return nil
    }
    return number.multipliedReportingOverflow(by: 1 << shift).overflow ? nil : number << shift
  }

  private static func sum(_ total: UInt64?, _ size: UInt64) -> UInt64 {
    let (sum, overflow) = (total ?? 0).addingReportingOverflow(size)
    return overflow ? .max : sum
  }

  /// Returns what is open or allocated here and was not before.
  public func leaks(since before: OpenClients) -> [Incident] {
    var lines: [String] = []
    for (identity, client) in clients {
      guard let earlier = before.clients[identity] else {
        let memory = client.memory.map { " with \(ByteCount($0)) of memory" } ?? ""
        lines.append("left \(client.node) open\(memory)")
        continue
      }
      guard let now = client.memory, let then = earlier.memory, now > then else { continue }
      lines.append("left \(ByteCount(now - then)) of memory in an open file of \(client.node)")
    }
    return lines.sorted().map { Incident(.leak, $0) }
  }
}

/// A size as messages have it, such as `64 KiB`.
struct ByteCount: CustomStringConvertible {
  private let bytes: UInt64

  init(_ bytes: UInt64) { self.bytes = bytes }

  var description: String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] as [(String, UInt64)]
    where bytes >> shift > 0 && bytes & (1 << shift - 1) == 0 {
      return "\(bytes >> shift) \(unit)"
    }
    return "\(bytes) bytes"
  }
}
