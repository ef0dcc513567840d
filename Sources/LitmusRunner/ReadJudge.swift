// SPDX-License-Identifier: MIT

internal import Litmus

/// Identifies by their bytes the writes that a read saw, and compares them with the expected ones.
struct ReadJudge {
  /// The writes that a read saw, and whether they are the expected ones.
  struct Finding: Hashable {
    let isRight: Bool
    /// Whether any byte was compared: those of jobs that did not run are not.
    let isJudged: Bool
    /// The names of writes in the order of the bytes; `zeroes`, `other bytes`.
    let seen: String
    let expected: String
  }

  // The number of names after which a list is cut.
  private static let mostNames = 6
  private static let unknownBytes = "other bytes"

  private let script: Script
  private let bytes: WriteBytes
  // For each memory, all writes to it.
  private var candidates: [Int: [(number: Int, range: Range<UInt64>)]] = [:]

  init(_ script: Script, _ bytes: WriteBytes) {
    self.script = script
    self.bytes = bytes
    for access in script.allWrites {
      guard case .write(let number) = access.kind else { continue }
      candidates[script.memory(of: access.buffer), default: []].append((number, access.range))
    }
  }

  /// Compares the bytes that a read of a buffer found with the expected writes.
  func judge(
    _ bytes: [UInt8], at offset: UInt64, of buffer: Int, against expectation: ReadExpectation
  ) -> Finding {
    let memory = script.memory(of: buffer)
    var isRight = !expectation.isRace
    var seen = Names()
    var wanted = Names()
    for piece in expectation.pieces {
      wanted.add(name(piece.writer) ?? "anything")
      if shows(piece.writer, bytes, at: offset, in: piece.range, of: memory) {
        seen.add(name(piece.writer) ?? "")
        continue
      }
      if piece.writer != .unknown { isRight = false }
      for part in self.bytes.parts(of: piece.range, in: memory) where !seen.isCut {
        guard part.isLine else {
          nameWriters(of: bytes, at: offset, in: part.range, of: memory, piece.writer, &seen)
          continue
        }
        // Descriptors of different writes share most bytes: only all bytes together identify one.
        let writers = (candidates[memory] ?? []).map(\.number).reversed()
        let writer = ([piece.writer, .zeroes] + writers.map(WriteHistory.Writer.write)).first {
          shows($0, bytes, at: offset, in: part.range, of: memory)
        }
        seen.add(writer.flatMap(name) ?? Self.unknownBytes)
      }
    }
    var expected = wanted.text
    if expectation.isRace, let named = expectation.named.flatMap(name) {
      expected = "\(named) (the last write ordered before it is \(wanted.text))"
    }
    return Finding(
      isRight: isRight,
      isJudged: expectation.isRace || expectation.pieces.contains { $0.writer != .unknown },
      seen: seen.text, expected: expected)
  }

  /// Whether a range holds the bytes of a writer, except for bytes that the GPU changes.
  private func shows(
    _ writer: WriteHistory.Writer, _ found: [UInt8], at offset: UInt64, in range: Range<UInt64>,
    of memory: Int
  ) -> Bool {
    let wanted: [UInt8]
    switch writer {
    case .zeroes: wanted = [UInt8](repeating: 0, count: range.count)
    case .write(let number): wanted = bytes.bytes(of: number, in: range, of: memory)
    case .unknown: return false
    }
    let first = Int(range.lowerBound - offset)
    return wanted.indices.allSatisfy { index in
      found[first + index] == wanted[index]
        || bytes.isStatus(range.lowerBound + UInt64(index), in: memory)
    }
  }

  private func name(_ writer: WriteHistory.Writer) -> String? {
    switch writer {
    case .zeroes: "zeroes"
    case .write(let number): script.writes[number].name
    case .unknown: nil
    }
  }

  /// Names the writers of bytes without descriptors: the expected one where it fits, otherwise the last that fits.
  private func nameWriters(
    of found: [UInt8], at offset: UInt64, in range: Range<UInt64>, of memory: Int,
    _ expected: WriteHistory.Writer, _ seen: inout Names
  ) {
    var at = range.lowerBound
    while at < range.upperBound, !seen.isCut {
      let byte = found[Int(at - offset)]
      let fitting =
        [(expected, range)] + [(WriteHistory.Writer.zeroes, range)]
        + (candidates[memory] ?? []).reversed().map { (.write($0.number), $0.range) }
      let writer = fitting.first { $0.1.contains(at) && self.byte(of: $0.0, at: at) == byte }
      seen.add(writer.flatMap { name($0.0) } ?? Self.unknownBytes)
      // The bytes after it that have the same writer, or the same unknown value.
      repeat {
        at += 1
      } while at < range.upperBound && (writer?.1.contains(at) ?? true)
        && found[Int(at - offset)] == (writer.flatMap { self.byte(of: $0.0, at: at) } ?? byte)
    }
  }

  private func byte(of writer: WriteHistory.Writer, at offset: UInt64) -> UInt8? {
    switch writer {
    case .zeroes: 0
    case .write(let number): bytes.byte(of: number, at: offset)
    case .unknown: nil
    }
  }

  /// A list of names without repetitions in a row.
  private struct Names {
    private var names: [String] = []
    private(set) var isCut = false

    mutating func add(_ name: String) {
      guard names.last != name, !isCut else { return }
      if names.count == ReadJudge.mostNames { isCut = true } else { names.append(name) }
    }

    var text: String { (names + (isCut ? ["..."] : [])).joined(separator: ", ") }
  }
}

extension Script {
  /// Every write of the CPU and of submitted jobs, in the order of the steps.
  var allWrites: [ScriptAccess] {
    steps.flatMap { step -> [ScriptAccess] in
      switch step.action {
      case .access(let access): [access]
      case .submit(let job): jobs[job].accesses
      default: []
      }
    }.filter { access in
      if case .write = access.kind { true } else { false }
    }
  }
}
