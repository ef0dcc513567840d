// SPDX-License-Identifier: MIT

extension MockProfile {
  /// A description that names no mock device.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line: what is wrong, and what is known instead.
    public let description: String
  }

  /// Reads a description such as `panthor`, `panthor,coherent,minor=6`, `rk3588` or `panthor,page=16k`.
  public init(parsing text: String) throws(ParseError) {
    var parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let name = parts.removeFirst()
    guard let driver = Driver(rawValue: Self.boards[name] ?? name) else {
      let known = Driver.allCases.map(\.rawValue) + Self.boards.keys.sorted() + ["all"]
      throw ParseError(
        description: "no mock device is called '\(name)'; known: \(known.joined(separator: ", "))"
      )
    }
    var minor = driver.newestMinor
    var isCoherent = false
    var pageSize = 4096
    for part in parts {
      switch (part, Self.value(of: "minor", in: part), Self.value(of: "page", in: part)) {
      case ("coherent", _, _): isCoherent = true
      case (_, let number?, _):
        guard let value = Int(number), 0...driver.newestMinor ~= value else {
          throw ParseError(
            description:
              "minor '\(number)' of mock \(name) is not within 0...\(driver.newestMinor)"
          )
        }
        minor = value
      case (_, _, "4k"?): pageSize = 4096
      case (_, _, "16k"?): pageSize = 16384
      default:
        throw ParseError(
          description:
            "mock \(name) has no option '\(part)'; known: coherent, minor=N, page=4k, page=16k"
        )
      }
    }
    self.init(driver, minor: minor, isCoherent: isCoherent, pageSize: pageSize)
  }

  /// Boards by the driver that serves them; none of these snoops.
  private static let boards = ["mt8183": "panfrost", "rk3399": "panfrost", "rk3588": "panthor"]

  private static func value(of key: String, in part: String) -> String? {
    part.hasPrefix(key + "=") ? String(part.dropFirst(key.count + 1)) : nil
  }
}

extension MockProfile: CustomStringConvertible {
  /// The shortest description that reads back as this profile.
  public var description: String {
    var parts = [driver.rawValue]
    if isCoherent { parts.append("coherent") }
    if minor != driver.newestMinor { parts.append("minor=\(minor)") }
    if pageSize != 4096 { parts.append("page=16k") }
    return parts.joined(separator: ",")
  }
}
