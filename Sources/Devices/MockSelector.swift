// SPDX-License-Identifier: MIT

internal import MockDRM

/// The mock devices that a `mock:` selector names.
public struct MockSelector: Hashable, Sendable {
  let profiles: [MockProfile]

  /// Reads what comes after `mock:`.
  public init(parsing text: String) throws(DeviceError) {
    do throws(MockProfile.ParseError) {
      profiles = try MockProfile.list(parsing: text)
    } catch {
      throw DeviceError.usage("--device mock:\(text): \(error)")
    }
  }

  init(_ profiles: [MockProfile]) {
    self.profiles = profiles
  }
}
