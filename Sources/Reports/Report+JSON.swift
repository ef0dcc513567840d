// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// A file that is no report, with its place.
public struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  /// 2 for input that cannot be used, 1 for a result that could not be written.
  public let exitCode: Int32

  /// Says what is wrong, with its place.
  public init(description: String, exitCode: Int32 = 2) {
    self.description = description
    self.exitCode = exitCode
  }
}

/// How everything is written as JSON.
enum JSON {
  static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Nothing here can fail to encode: there is no floating-point value that JSON lacks.
    guard let data = try? encoder.encode(value) else { return "" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

extension Report {
  /// Writes the report as JSON: keys sorted, one trailing newline.
  public func json() -> String {
    JSON.text(self)
  }

  /// Reads a report from a file.
  ///
  /// - Throws: a one-line error that names the file and what is wrong in it.
  public init(contentsOf path: String) throws(ReportError) {
    let data = Data(try InputFile.contents(of: path))
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
      throw ReportError(description: "\(path): \(error.place)")
    } catch {
      throw ReportError(description: "\(path): not a report: \(error)")
    }
  }
}

extension DecodingError {
  fileprivate var place: String {
    switch self {
    case .dataCorrupted(let context): "not JSON, or \(context.text)"
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
