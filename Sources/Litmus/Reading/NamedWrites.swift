// SPDX-License-Identifier: MIT

/// The names and numbers of all writes of a script, so that a read can name a later one.
///
/// Writes are numbered in the order in which the reader adds them. Steps with errors do not matter: the reader
/// rejects the script for them.
struct NamedWrites {
  private var numbers: [String: Int] = [:]
  private var count = 0

  init(_ steps: [SourceNode]) {
    for step in steps {
      for (key, value) in (try? step.pairs("a step")) ?? [] {
        switch try? key.string("a kind") {
        case "write": add(value)
        case "submit": addWrites(ofJob: value)
        default: break
        }
      }
    }
  }

  subscript(name: String) -> Int? { numbers[name] }

  var names: [String] { numbers.keys.sorted() }

  private mutating func addWrites(ofJob source: SourceNode) {
    let fields = (try? source.pairs("fields")) ?? []
    for (key, value) in fields where (try? key.string("a field")) == "do" {
      for item in (try? value.items("accesses")) ?? [] {
        for (key, value) in (try? item.pairs("an access")) ?? []
        where ["write", "sync_set"].contains(try? key.string("a kind")) {
          add(value)
        }
      }
    }
  }

  private mutating func add(_ source: SourceNode) {
    for (key, value) in (try? source.pairs("fields")) ?? []
    where (try? key.string("a field")) == "as" {
      if let name = try? value.string("a name") { numbers[name] = count }
    }
    count += 1
  }
}

extension String {
  /// The text in quotes, as part of a message of one line: cut, and with control characters escaped.
  var quoted: String {
    let most = 64
    let shown = unicodeScalars.prefix(most).map { scalar -> String in
      // Format characters change the direction of the text after them.
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
        .unassigned:
        "\\u{\(String(scalar.value, radix: 16))}"
      default: String(scalar)
      }
    }
    return "'" + shown.joined() + (unicodeScalars.count > most ? "..." : "") + "'"
  }

  /// Returns the name that differs from this one in at most two characters; the nearest, of equal ones the first.
  func nearest(in names: [String]) -> String? {
    guard utf8.count <= 64 else { return nil }
    let found = names.map { ($0, distance(to: $0)) }.min { $0.1 < $1.1 }
    return found.flatMap { $0.1 <= Swift.min(2, count / 2) ? $0.0 : nil }
  }

  /// The number of characters to insert, remove or replace.
  private func distance(to other: String) -> Int {
    var row = Array(0...other.count)
    for (index, character) in enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (place, wanted) in other.enumerated() {
        let changed = diagonal + (character == wanted ? 0 : 1)
        diagonal = row[place + 1]
        row[place + 1] = Swift.min(changed, row[place] + 1, row[place + 1] + 1)
      }
    }
    return row[other.count]
  }
}
