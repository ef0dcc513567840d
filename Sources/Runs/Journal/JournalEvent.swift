// SPDX-License-Identifier: MIT

internal import DRMKernel
public import Reports

/// What a journal records of a run.
public enum JournalEvent: Hashable, Sendable {
  /// The first event of a journal.
  case start(Boot)
  /// An attempt at an item is about to be made; attempts count from 1.
  case began(item: Int, attempt: Int)
  /// An attempt ended with a result.
  case ended(item: Int, attempt: Int, row: ResultRow)
  /// A device, by its index in the plan, cannot be used any more.
  case lost(device: Int, reason: String)
  /// A signal, by its number, ended the run before its time.
  case interrupted(signal: Int)
  /// The run ended before its time for another reason.
  case aborted(reason: String)
  /// The run goes on in another process.
  case resumed(Boot)
  /// The folder of an attempt was removed; its size in bytes.
  case pruned(item: Int, attempt: Int, bytes: Int)
  /// All that the run was to do is done.
  case finished
}

/// The boot of a kernel.
public struct Boot: Hashable, Sendable, Codable {
  /// `/proc/sys/kernel/random/boot_id`; empty where it cannot be read.
  public let id: String
  /// The kernel's release; empty where it cannot be read.
  public let kernel: String

  /// Creates the description of a boot.
  public init(id: String, kernel: String) {
    (self.id, self.kernel) = (id, kernel)
  }

  /// The boot that this process runs in.
  public static var current: Boot {
    Boot(id: fact("random/boot_id"), kernel: fact("osrelease"))
  }

  private static func fact(_ name: String) -> String {
    let bytes = try? InputFile.contents(of: "/proc/sys/kernel/" + name, atMost: 256)
    return String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").first.map(
      String.init) ?? ""
  }

  enum CodingKeys: String, CodingKey {
    case id = "boot_id"
    case kernel
  }
}

/// The line of an event: the event's members beside its name and its time.
struct JournalLine: Codable {
  /// Increases when a field changes its meaning or is removed; new events and fields do not change it.
  static let currentSchemaVersion = 1
  /// The most bytes of a line.
  static let mostBytes = 1 << 20

  /// Nil for an event of a newer version of the schema.
  let event: JournalEvent?
  /// In UTC, in ISO 8601.
  private let time: String

  /// Creates the line of an event that happens now.
  init(_ event: JournalEvent) {
    (self.event, time) = (event, TimeOfDay.now)
  }

  private enum Name: String, Codable {
    case start, began, ended, lost, interrupted, aborted, resumed, pruned, finished
  }

  private enum CodingKeys: String, CodingKey {
    case event, time, item, attempt, row, device, reason, signal, bytes
    case schemaVersion = "schema_version"
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys) throws -> Int { try members.decode(Int.self, forKey: key) }
    func text(_ key: CodingKeys) throws -> String { try members.decode(String.self, forKey: key) }
    // No event depends on the time of another.
    time = ""
    switch Name(rawValue: try text(.event)) {
    case .start:
      let version = try number(.schemaVersion)
      guard version == Self.currentSchemaVersion else {
        throw Contradiction(
          "schema_version is \(version), this gemsync reads \(Self.currentSchemaVersion)")
      }
      event = .start(try Boot(from: decoder))
    case .began: event = .began(item: try number(.item), attempt: try number(.attempt))
    case .ended:
      let row = try members.decode(ResultRow.self, forKey: .row)
      event = .ended(item: try number(.item), attempt: try number(.attempt), row: row)
    case .lost: event = .lost(device: try number(.device), reason: try text(.reason))
    case .interrupted: event = .interrupted(signal: try number(.signal))
    case .aborted: event = .aborted(reason: try text(.reason))
    case .resumed: event = .resumed(try Boot(from: decoder))
    case .pruned:
      event = .pruned(
        item: try number(.item), attempt: try number(.attempt), bytes: try number(.bytes))
    case .finished: event = .finished
    case nil: event = nil
    }
  }

  func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encode(time, forKey: .time)
    func put(_ name: Name, _ values: (CodingKeys, Int)...) throws {
      try members.encode(name, forKey: .event)
      for (key, value) in values { try members.encode(value, forKey: key) }
    }
    switch event {
    case .start(let boot):
      try put(.start, (.schemaVersion, Self.currentSchemaVersion))
      try boot.encode(to: encoder)
    case .began(let item, let attempt): try put(.began, (.item, item), (.attempt, attempt))
    case .ended(let item, let attempt, let row):
      try put(.ended, (.item, item), (.attempt, attempt))
      try members.encode(row, forKey: .row)
    case .lost(let device, let reason):
      try put(.lost, (.device, device))
      try members.encode(reason, forKey: .reason)
    case .interrupted(let signal): try put(.interrupted, (.signal, signal))
    case .aborted(let reason):
      try put(.aborted)
      try members.encode(reason, forKey: .reason)
    case .resumed(let boot):
      try put(.resumed)
      try boot.encode(to: encoder)
    case .pruned(let item, let attempt, let bytes):
      try put(.pruned, (.item, item), (.attempt, attempt), (.bytes, bytes))
    case .finished: try put(.finished)
    case nil: break
    }
  }
}

/// The reason why an event cannot follow the events before it, or cannot be in a journal at all.
struct Contradiction: Error, Hashable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
