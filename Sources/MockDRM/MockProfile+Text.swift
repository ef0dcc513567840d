// SPDX-License-Identifier: MIT

extension MockProfile {
  /// A description that names no mock device.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line: what is wrong, and what is known instead.
    public let description: String
  }

  /// Reads a description such as `panthor`, `panthor,coherent,minor=6`, `rk3588` or
  /// `panthor,kernel=6.12`.
  public init(parsing text: String) throws(ParseError) {
    let (name, options) = Self.split(text)
    guard let driver = Driver(rawValue: Self.boards[name] ?? name) else {
      let known = Driver.allCases.map(\.rawValue) + Self.boards.keys.sorted() + ["all"]
      throw ParseError(
        description: "no mock device is called '\(name)'; known: \(known.joined(separator: ", "))"
      )
    }
    self = try Self.profile(MockProfile(driver), name, options)
  }

  /// Reads a description of several devices: `all`, every Mali, with options that hold for each.
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
    var kernel = base.kernel
    var minor: Int?
    var isCoherent = base.isCoherent
    var pageSize = base.pageSize
    var hasHeap = base.hasHeap
    var caches = base.caches
    var policy = base.policy
    var jobs = base.jobs
    var fault = base.fault
    for option in options {
      switch (option, value(of: "minor", in: option), value(of: "kernel", in: option)) {
      case ("coherent", _, _): isCoherent = true
      case ("heap", _, _): hasHeap = true
      case ("page=4k", _, _): pageSize = 4096
      case ("page=16k", _, _): pageSize = 16384
      case (_, let number?, _):
        minor = try self.minor(number, of: base.driver, name)
      case (_, _, let version?):
        guard let known = KernelVersion(rawValue: version) else {
          let all = KernelVersion.allCases.map(\.rawValue).joined(separator: ", ")
          throw ParseError(description: "kernel '\(version)' is not modelled; known: \(all)")
        }
        kernel = known
      case _ where value(of: "policy", in: option) != nil:
        policy = try self.policy(value(of: "policy", in: option) ?? "")
      case _ where value(of: "jobs", in: option) != nil:
        jobs = try timing(value(of: "jobs", in: option) ?? "")
      case _ where value(of: "break", in: option) != nil:
        fault = try self.fault(value(of: "break", in: option) ?? "")
      case _ where caches.read(option): break
      default:
        throw ParseError(
          description:
            "mock \(name) has no option '\(option)'; known: coherent, minor=N, kernel=V, page=4k, "
            + "page=16k, heap, policy=RULES, \(CachePolicy.knownOptions), jobs=late, jobs=early, "
            + "break=RULE"
        )
      }
    }
    return MockProfile(
      base.driver, kernel: kernel, minor: minor, isCoherent: isCoherent, pageSize: pageSize,
      hasHeap: hasHeap, caches: caches, policy: policy, jobs: jobs, fault: fault)
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

  private static func policy(_ text: String) throws(ParseError) -> DriverPolicy {
    guard let policy = DriverPolicy(rawValue: text) else {
      let all = DriverPolicy.allCases.map(\.rawValue).joined(separator: ", ")
      throw ParseError(description: "no policy is called '\(text)'; known: \(all)")
    }
    return policy
  }

  private static func timing(_ text: String) throws(ParseError) -> JobTiming {
    guard let timing = JobTiming(rawValue: text) else {
      throw ParseError(description: "jobs run late or early, not '\(text)'")
    }
    return timing
  }

  private static func fault(_ text: String) throws(ParseError) -> PlantedFault {
    guard let fault = PlantedFault(rawValue: text) else {
      let all = PlantedFault.allCases.map(\.rawValue).joined(separator: ", ")
      throw ParseError(description: "no rule is called '\(text)'; known: \(all)")
    }
    return fault
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
    if kernel != .newest { parts.append("kernel=\(kernel.rawValue)") }
    if minor != driver.minor(in: kernel) { parts.append("minor=\(minor)") }
    if pageSize != 4096 { parts.append("page=16k") }
    if hasHeap { parts.append("heap") }
    if policy != .merged { parts.append("policy=\(policy.rawValue)") }
    parts += caches.options
    if jobs != .late { parts.append("jobs=\(jobs.rawValue)") }
    if let fault { parts.append("break=\(fault.rawValue)") }
    return parts.joined(separator: ",")
  }
}
