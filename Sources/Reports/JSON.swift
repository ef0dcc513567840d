// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials

/// The JSON of every report: keys sorted, one newline at the end, and no character that is not printable.
package enum JSON {
  static func text(_ value: some Encodable) -> String {
    text(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  /// The same in one line.
  package static func line(_ value: some Encodable) -> String {
    text(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func text(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
  ) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    // Encoding cannot fail: no value here is a number that JSON lacks.
    guard let data = try? encoder.encode(value) else { return "" }
    // Only strings contain such characters, and any character of a string may be escaped.
    return String(decoding: data, as: UTF8.self).escaping(keepsLines: true, \.jsonEscape) + "\n"
  }
}

/// A document of JSON with a schema version.
public protocol JSONDocument: Encodable {}

extension JSONDocument {
  /// Writes the document as JSON: keys sorted, one newline at the end.
  public func json() -> String { JSON.text(self) }
}

/// A value that is written as null, and not left out, where it is nil.
@propertyWrapper
public struct Nullable<Value: Codable & Hashable & Sendable>: Hashable, Sendable, Codable {
  public var wrappedValue: Value?

  /// Wraps a value.
  public init(wrappedValue: Value?) {
    self.wrappedValue = wrappedValue
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue {
      try container.encode(wrappedValue)
    } else {
      try container.encodeNil()
    }
  }
}

extension KeyedDecodingContainer {
  /// Decodes nil where the key is missing: reports of older versions lack newer keys.
  public func decode<Value>(_: Nullable<Value>.Type, forKey key: Key) throws -> Nullable<Value> {
    Nullable(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
  }
}

extension Report {
  /// Reads a report from a file.
  ///
  /// - Throws: an error of one line that names the file and what is wrong in it.
  public init(contentsOf path: String) throws(ReportError) {
    let data = Data(try InputFile.contents(of: path))
    let path = InputFile.name(of: path)
    struct Version: Decodable {
      let schema_version: Int
    }
    let decoder = JSONDecoder()
    do {
      let version = try decoder.decode(Version.self, from: data).schema_version
      guard version == Self.currentSchemaVersion else {
        throw ReportError(
          description: "\(path): schema_version is \(version), this gemsync reads "
            + "\(Self.currentSchemaVersion)"
        )
      }
      self = try decoder.decode(Report.self, from: data)
    } catch let error as ReportError {
      throw error
    } catch let error as DecodingError {
      throw ReportError(description: "\(path): \(error.text)")
    } catch {
      throw ReportError(description: "\(path): not a report: \(error)")
    }
  }
}

extension DecodingError {
  /// The reason, with the place in the value: `no key 'id' in $.results[0]`.
  package var text: String {
    switch self {
    case .dataCorrupted(let context): context.codingPath.isEmpty ? "not JSON" : context.text
    case .keyNotFound(let key, let context): "no key '\(key.stringValue)' in \(context.place)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context): context.text
    @unknown default: "not a report"
    }
  }
}

extension DecodingError.Context {
  fileprivate var place: String {
    let steps = codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
    return "$" + steps.joined()
  }

  fileprivate var text: String {
    let first = debugDescription.split(separator: "\n").first ?? ""
    return "wrong value at \(place): \(first)"
  }
}
