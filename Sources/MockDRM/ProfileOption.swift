// SPDX-License-Identifier: MIT

/// An option in the description of a mock device, such as `minor=6`: one entry reads, prints and explains it.
struct ProfileOption: Sendable {
  /// The reason why a value cannot be read.
  enum Failure: Error {
    /// The option is not one with this value, or needs or takes none.
    case unknownOption
    case unknownValue(noun: String, known: String)
    case outside(ClosedRange<Int>)
  }

  let name: String
  /// The option with its values, for messages.
  let usage: String
  private let value: @Sendable (MockProfile) -> String?
  /// Reads the value, nil where the text has none.
  let read: @Sendable (String?, inout MockProfile) -> Result<Void, Failure>

  /// Returns the option as a description has it; nil where the profile has the default.
  func text(of profile: MockProfile) -> String? {
    value(profile).map { $0.isEmpty ? name : "\(name)=\($0)" }
  }

  /// Every option, in the order in which descriptions have them.
  static let all: [ProfileOption] = [
    flag("coherent", { $0.isCoherent }, { $0.isCoherent = true }),
    ProfileOption(
      name: "kernel", usage: "kernel=V", value: { $0.kernel == .newest ? nil : $0.kernel.rawValue }
    ) { text, profile in
      choice(text, "kernel").map { kernel in
        profile.kernel = kernel
        profile.minor = profile.driver.minor(in: kernel)
      }
    },
    ProfileOption(
      name: "minor", usage: "minor=N",
      value: { $0.minor == $0.driver.minor(in: $0.kernel) ? nil : "\($0.minor)" }
    ) { text, profile in
      guard let text else { return .failure(.unknownOption) }
      // A minor that no driver has yet is reported, and is otherwise as the newest that is known.
      let range = 0...999
      guard let minor = Int(text), range ~= minor else { return .failure(.outside(range)) }
      profile.minor = minor
      return .success(())
    },
    ProfileOption(
      name: "page", usage: "page=4k|16k", value: { $0.pageSize == 4096 ? nil : "16k" }
    ) { text, profile in
      found(["4k": 4096, "16k": 16384][text ?? ""]).map { profile.pageSize = $0 }
    },
    flag("heap", { $0.hasHeap }, { $0.hasHeap = true }),
    ProfileOption(
      name: "policy", usage: "policy=RULES",
      value: { $0.policy == .merged ? nil : $0.policy.rawValue }
    ) { text, profile in choice(text, "policy").map { profile.policy = $0 } },
    ProfileOption(
      name: "evict", usage: "evict=never|always|seed:N",
      value: { $0.caches.evict == CachePolicy().evict ? nil : "\($0.caches.evict)" }
    ) { text, profile in found(CacheChoice(text ?? "")).map { profile.caches.evict = $0 } },
    ProfileOption(
      name: "fill", usage: "fill=never|always|seed:N",
      value: { $0.caches.fill == CachePolicy().fill ? nil : "\($0.caches.fill)" }
    ) { text, profile in found(CacheChoice(text ?? "")).map { profile.caches.fill = $0 } },
    ProfileOption(
      name: "invalidate", usage: "invalidate=lose|write_back|seed:N",
      value: { $0.caches.invalidate == CachePolicy().invalidate ? nil : "\($0.caches.invalidate)" }
    ) { text, profile in
      found(InvalidationChoice(text ?? "")).map { profile.caches.invalidate = $0 }
    },
    ProfileOption(
      name: "line", usage: "line=32|64|128",
      value: { $0.caches.lineSize == CachePolicy().lineSize ? nil : "\($0.caches.lineSize)" }
    ) { text, profile in
      found(["32": 32, "64": 64, "128": 128][text ?? ""]).map { profile.caches.lineSize = $0 }
    },
    ProfileOption(
      name: "jobs", usage: "jobs=late|early", value: { $0.jobs == .late ? nil : $0.jobs.rawValue }
    ) { text, profile in choice(text, "job timing").map { profile.jobs = $0 } },
    ProfileOption(name: "fault", usage: "fault=RULE", value: { $0.fault?.rawValue }) {
      text, profile in
      choice(text, "fault").map { profile.fault = $0 }
    },
  ]

  private static func flag(
    _ name: String, _ isSet: @escaping @Sendable (MockProfile) -> Bool,
    _ set: @escaping @Sendable (inout MockProfile) -> Void
  ) -> ProfileOption {
    ProfileOption(name: name, usage: name, value: { isSet($0) ? "" : nil }) { text, profile in
      guard text == nil else { return .failure(.unknownOption) }
      set(&profile)
      return .success(())
    }
  }

  /// Finds the value that a text names; `noun` says in the error what kind of value it is.
  private static func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ text: String?, _ noun: String
  ) -> Result<Value, Failure> {
    guard let text else { return .failure(.unknownOption) }
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      return .failure(.unknownValue(noun: noun, known: known))
    }
    return .success(value)
  }

  private static func found<Value>(_ value: Value?) -> Result<Value, Failure> {
    value.map { .success($0) } ?? .failure(.unknownOption)
  }
}
