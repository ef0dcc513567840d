// SPDX-License-Identifier: MIT

internal import Litmus

/// Identifies by their bytes the writes that a read saw, and compares them with the expected ones.
struct ReadJudge {
  /// The writes that a read saw, and whether they are the expected ones.
  struct Finding: Hashable {
    let isRight: Bool
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
      for part in self.bytes.parts(of: piece.range, in: memory) {
        guard part.isLine else {
          for at in part.range {
            let byte = bytes[Int(at - offset)]
            seen.add(writer(of: byte, at: at, in: memory, unless: piece.writer))
          }
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
    return Finding(isRight: isRight, seen: seen.text, expected: expected)
  }

  /// Whether a range holds the bytes of a writer, except for bytes that the GPU changes.
  private func shows(
    _ writer: WriteHistory.Writer, _ found: [UInt8], at offset: UInt64, in range: Range<UInt64>,
    of memory: Int
  ) -> Bool {
    range.allSatisfy { at in
      found[Int(at - offset)] == byte(of: writer, at: at, in: memory)
        || writer != .unknown && bytes.isStatus(at, in: memory)
    }
  }

  private func byte(
    of writer: WriteHistory.Writer, at offset: UInt64, in memory: Int
  ) -> UInt8? {
    switch writer {
    case .zeroes: 0
    case .write(let number): bytes.byte(of: number, at: offset, in: memory)
    case .unknown: nil
    }
  }

  private func name(_ writer: WriteHistory.Writer) -> String? {
    switch writer {
    case .zeroes: "zeroes"
    case .write(let number): script.writes[number].name
    case .unknown: nil
    }
  }

  /// Names the writer of a byte: the expected one if it fits, otherwise the last one that fits.
  private func writer(
    of byte: UInt8, at offset: UInt64, in memory: Int, unless expected: WriteHistory.Writer
  ) -> String {
    if byte == self.byte(of: expected, at: offset, in: memory), let name = name(expected) {
      return name
    }
    if byte == 0 { return "zeroes" }
    for (number, range) in (candidates[memory] ?? []).reversed()
    where range.contains(offset) && bytes.byte(of: number, at: offset, in: memory) == byte {
      return script.writes[number].name
    }
    return Self.unknownBytes
  }

  /// A list of names without repetitions in a row.
  private struct Names {
    private var names: [String] = []
    private var isCut = false

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
    }.filter { !$0.isRead }
  }
}
