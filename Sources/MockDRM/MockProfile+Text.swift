// SPDX-License-Identifier: MIT

internal import DRMDrivers

extension MockProfile {
  /// A text that describes no mock device.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line: the part that is wrong, and what is known instead.
    public let description: String
  }

  /// Parses a description such as `panthor,coherent,minor=6`, `rk3588` or `panthor,kernel=6.12`.
  public init(parsing text: String) throws(ParseError) {
    let (name, options) = Self.split(text)
    guard let driver = Self.boards[name].map(Driver.catalogued) ?? Driver(rawValue: name) else {
      let known = Driver.allCases.map(\.rawValue) + Self.boards.keys.sorted() + ["all"]
      throw ParseError(
        description: "no mock device is called '\(name)'; known: \(known.joined(separator: ", "))"
      )
    }
    self = try Self.profile(MockProfile(driver), name, options)
  }

  /// Parses a description of several devices: `all`, every Mali, with options that apply to each.
  public static func list(parsing text: String) throws(ParseError) -> [MockProfile] {
    let (name, options) = split(text)
    guard name == "all" else { return [try MockProfile(parsing: text)] }
    var profiles: [MockProfile] = []
    for one in all { profiles.append(try profile(one, name, options)) }
    return profiles
  }

  private static func split(_ text: String) -> (name: String, options: [String]) {
    var parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return (parts.removeFirst(), parts)
  }

  private static func profile(
    _ base: MockProfile, _ name: String, _ options: [String]
  ) throws(ParseError) -> MockProfile {
    var profile = base
    var minor: Int?
    var given: Set<Substring> = []
    for option in options {
      let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard given.insert(parts[0] == "break" ? "fault" : parts[0]).inserted else {
        throw ParseError(description: "option '\(parts[0])' of mock \(name) is given twice")
      }
      let value = parts.count > 1 ? String(parts[1]) : nil
      switch (parts[0], value) {
      case ("coherent", nil): profile.isCoherent = true
      case ("heap", nil): profile.hasHeap = true
      case ("page", "4k"): profile.pageSize = 4096
      case ("page", "16k"): profile.pageSize = 16384
      case ("minor", let value?): minor = try self.minor(value, of: base.driver, name)
      case ("kernel", let value?): profile.kernel = try choice(value, of: "kernel")
      case ("policy", let value?): profile.policy = try choice(value, of: "policy")
      case ("jobs", let value?): profile.jobs = try choice(value, of: "job timing")
      // `break` is the former name of the option.
      case ("fault", let value?), ("break", let value?):
        profile.fault = try choice(value, of: "fault")
      default:
        guard profile.caches.read(option) else {
          throw ParseError(
            description:
              "mock \(name) has no option '\(option)'; known: coherent, minor=N, kernel=V, page=4k, "
              + "page=16k, heap, policy=RULES, \(CachePolicy.knownOptions), jobs=late|early, "
              + "fault=RULE")
        }
      }
    }
    profile.minor = minor ?? base.driver.minor(in: profile.kernel)
    return profile
  }

  private static func minor(
    _ text: String, of driver: Driver, _ name: String
  ) throws(ParseError) -> Int {
    guard let value = Int(text), 0...driver.newestMinor ~= value else {
      throw ParseError(
        description: "minor '\(text)' of mock \(name) is not within 0...\(driver.newestMinor)")
    }
    return value
  }

  /// Finds the value that a text names; `noun` says in the error what kind of value it is.
  private static func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ text: String, of noun: String
  ) throws(ParseError) -> Value {
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw ParseError(description: "unknown \(noun) '\(text)'; known: \(known)")
    }
    return value
  }

  /// Boards by the driver of their GPU, which is not coherent on any of them.
  private static let boards: [String: DRMDriver] = [
    "mt8183": .panfrost, "rk3399": .panfrost, "rk3588": .panthor,
  ]
}

extension MockProfile: CustomStringConvertible {
  /// The shortest description from which this profile is parsed.
  public var description: String {
    var parts = [driver.rawValue]
    if isCoherent { parts.append("coherent") }
    if kernel != .newest { parts.append("kernel=\(kernel.rawValue)") }
    if minor != driver.minor(in: kernel) { parts.append("minor=\(minor)") }
    if pageSize != 4096 { parts.append("page=16k") }
    if hasHeap { parts.append("heap") }
    if policy != .merged { parts.append("policy=\(policy.rawValue)") }
    parts += caches.options
    if jobs != .late { parts.append("jobs=\(jobs.rawValue)") }
    if let fault { parts.append("fault=\(fault.rawValue)") }
    return parts.joined(separator: ",")
  }
}
