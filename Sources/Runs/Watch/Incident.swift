// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Something that went wrong in the kernel, or was left in it, while a check or a script ran.
public struct Incident: Hashable, Sendable, Codable {
  /// What went wrong; the raw values are the words of `--abort-on`.
  public enum Kind: String, CaseIterable, Hashable, Sendable, Codable {
    /// The kernel set a taint bit of ``Taint/failing``.
    case taint
    /// A report of lockdep or RCU, or lockdep turned itself off.
    case lockdep
    /// A WARN, a refcount error or a report of UBSAN.
    case warning
    /// An oops, a BUG, or a report of KASAN, KFENCE, KMSAN, KCSAN or the slab allocator.
    case oops
    /// A device file or memory that was left, or a report of kmemleak.
    case leak
    /// A task that is blocked, a lockup of a CPU, or an RCU stall.
    case hang
    /// An error message of the GPU's driver; it never ends a run.
    case message
  }

  public let kind: Kind
  /// One line, escaped.
  public let reason: String

  /// The characters of a reason that are kept.
  static let mostCharacters = 300

  /// Creates an incident; the reason is escaped and shortened.
  public init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    let text = reason.printable
    self.reason =
      text.count > Self.mostCharacters ? text.prefix(Self.mostCharacters) + "..." : text
  }
}

/// What happened between two looks at the kernel.
public struct Incidents: Sendable {
  /// The kernel's log of the time; nil where it cannot be read (``KernelWatch/limits`` has the reason).
  public internal(set) var log: LogSlice?
  /// What makes the check fail; ``Incident/reason`` is fit for a report.
  public internal(set) var failures: [Incident] = []
  /// What is worth a line and makes nothing fail, escaped.
  public internal(set) var notes: [String] = []
  /// Why the run ends, by the rules of the watch: the reasons of failures, and of incidents before the check.
  public internal(set) var abortReasons: [String] = []
  /// The device core dumps of the watched GPU that appeared.
  public internal(set) var dumps: [CoreDump] = []

  // A driver may print thousands of errors.
  private static let mostOfEach = 8

  /// Adds incidents as failures, or as notes where they are expected; a flood of them is shortened.
  mutating func add(_ incidents: [Incident], expecting expected: Provocation, rules: WatchRules) {
    for incident in incidents.prefix(Self.mostOfEach) {
      if expected.covers(incident.kind) {
        notes.append("expected: \(incident.reason)")
        continue
      }
      failures.append(incident)
      if rules.abortsOn(incident.kind) { abortReasons.append(incident.reason) }
    }
    if incidents.count > Self.mostOfEach {
      notes.append("\(incidents.count - Self.mostOfEach) more reports of this kind")
    }
  }

  /// Adds lines that make nothing fail.
  mutating func note(_ incidents: [Incident]) {
    notes += incidents.prefix(Self.mostOfEach).map(\.reason)
    if incidents.count > Self.mostOfEach {
      notes.append("\(incidents.count - Self.mostOfEach) more messages of this kind")
    }
  }
}

/// What a check or a script is expected to provoke.
public struct Provocation: OptionSet, Hashable, Sendable {
  public let rawValue: Int

  /// A WARN, with its taint bit: for checks with `provokesWarning`.
  public static let warnings = Provocation(rawValue: 1)
  /// Error messages of the driver, such as of a job that timed out or an MMU fault: for checks of hangs.
  public static let messages = Provocation(rawValue: 2)

  /// Creates a set.
  public init(rawValue: Int) { self.rawValue = rawValue }

  func covers(_ kind: Incident.Kind) -> Bool {
    switch kind {
    case .warning: contains(.warnings)
    case .message: contains(.messages)
    default: false
    }
  }
}

/// What fails a check, and what ends the run.
public struct WatchRules: Hashable, Sendable {
  /// `--dmesg-warn-level N`: messages of the GPU's driver at this level or below it fail a check; nil for none.
  public var messageLevel: Int?
  /// `--abort-on`: the kinds of incidents that end the run.
  public var abortKinds: Set<Incident.Kind>

  /// Creates rules.
  public init(messageLevel: Int? = nil, abortKinds: Set<Incident.Kind> = []) {
    self.messageLevel = messageLevel
    self.abortKinds = abortKinds
  }

  func abortsOn(_ kind: Incident.Kind) -> Bool { abortKinds.contains(kind) }
}

/// A list of `--abort-on` with a word in it that names no kind of incident.
public struct AbortListError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

extension Set<Incident.Kind> {
  /// The words of `--abort-on`, in the order in which messages list them.
  public static var abortWords: [String] {
    Incident.Kind.allCases.filter { $0 != .message }.map(\.rawValue)
  }

  /// Parses the list of `--abort-on`, such as `taint,lockdep`.
  ///
  /// - Throws: an error of one line for an empty or unknown word.
  public init(abortList list: String) throws(AbortListError) {
    self = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard Self.abortWords.contains(String(word)), let kind = Incident.Kind(rawValue: String(word))
      else {
        let name = word.isEmpty ? "an empty word" : "'\(String(word).printable)'"
        throw AbortListError(
          description: "--abort-on: \(name) is none of \(Self.abortWords.joined(separator: ", "))")
      }
      insert(kind)
    }
  }
}
