// SPDX-License-Identifier: MIT

internal import DRMDrivers

extension MockProfile {
  /// A text that describes no mock device.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line: the part that is wrong, and what is known instead.
    public let description: String
  }

  /// The names that a description can start with: drivers, then boards.
  public static var names: [String] { Driver.allCases.map(\.rawValue) + boards.keys.sorted() }

  /// Parses a description such as `panthor,coherent,minor=6`, `rk3588` or `panthor,kernel=6.12`.
  public init(parsing text: String) throws(ParseError) {
    let (name, options) = Self.split(text)
    guard let driver = Self.boards[name].map(Driver.catalogued) ?? Driver(rawValue: name) else {
      let known = Self.names + ["all"]
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
    _ base: MockProfile, _ name: String, _ texts: [String]
  ) throws(ParseError) -> MockProfile {
    var values: [String: String?] = [:]
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      // `break` is the former name of the option.
      let option = parts[0] == "break" ? "fault" : String(parts[0])
      guard ProfileOption.all.contains(where: { $0.name == option }) else {
        throw unknown(text, of: name)
      }
      guard values.updateValue(parts.count > 1 ? String(parts[1]) : nil, forKey: option) == nil
      else {
        throw ParseError(description: "option '\(parts[0])' of mock \(name) is given twice")
      }
    }
    var profile = base
    // In the order of the table: the kernel determines the minor that is not given.
    profile.minor = base.driver.minor(in: base.kernel)
    for option in ProfileOption.all {
      guard let value = values[option.name] else { continue }
      switch option.read(value, &profile) {
      case .success: continue
      case .failure(.unknownOption):
        throw unknown(value.map { "\(option.name)=\($0)" } ?? option.name, of: name)
      case .failure(.unknownValue(let noun, let known)):
        throw ParseError(description: "unknown \(noun) '\(value ?? "")'; known: \(known)")
      case .failure(.outside(let range)):
        throw ParseError(
          description: "\(option.name) '\(value ?? "")' of mock \(name) is not within \(range)")
      }
    }
    return profile
  }

  private static func unknown(_ option: String, of name: String) -> ParseError {
    let known = ProfileOption.all.map(\.usage).joined(separator: ", ")
    return ParseError(description: "mock \(name) has no option '\(option)'; known: \(known)")
  }

  /// Boards by the driver of their GPU, which is not coherent on any of them.
  private static let boards: [String: DRMDriver] = [
    "mt8183": .panfrost, "rk3399": .panfrost, "rk3588": .panthor,
  ]
}

extension MockProfile: CustomStringConvertible {
  /// The shortest description from which this profile is parsed.
  public var description: String {
    ([driver.rawValue] + ProfileOption.all.compactMap { $0.text(of: self) }).joined(separator: ",")
  }
}
