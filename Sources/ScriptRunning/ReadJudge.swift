// SPDX-License-Identifier: MIT

internal import Scripting

/// Tells by their bytes which writes a read saw.
struct ReadJudge {
  /// What a read saw, and whether that is what it must.
  struct Finding: Hashable {
    let isRight: Bool
    /// The names of writes in the order of the bytes; `zeroes`, `other bytes`.
    let seen: String
    let expected: String
  }

  // More names than that help nobody.
  private static let mostNames = 6

  private let script: Script
  // By memory, the writes that may have left a byte there.
  private var candidates: [Int: [(number: Int, range: Range<UInt64>)]] = [:]

  init(_ script: Script) {
    self.script = script
    func note(_ access: ScriptAccess) {
      guard case .write(let number) = access.kind else { return }
      candidates[script.memory(of: access.buffer), default: []].append((number, access.range))
    }
    for step in script.steps {
      switch step.action {
      case .access(let access): note(access)
      case .submit(let job): script.jobs[job].accesses.forEach(note)
      default: break
      }
    }
  }

  /// Compares what a read of a buffer found with who must have written it.
  func judge(
    _ bytes: [UInt8], at offset: UInt64, of buffer: Int, against expectation: ReadExpectation
  ) -> Finding {
    let memory = script.memory(of: buffer)
    var isRight = !expectation.isRace
    var seen = Names()
    var wanted = Names()
    for piece in expectation.pieces {
      wanted.add(name(piece.writer) ?? "anything")
      var isWhole = true
      for at in piece.range where bytes[Int(at - offset)] != byte(of: piece.writer, at: at) {
        isWhole = false
        break
      }
      if isWhole {
        seen.add(name(piece.writer) ?? "")
        continue
      }
      if piece.writer != .unknown { isRight = false }
      for at in piece.range {
        seen.add(writer(of: bytes[Int(at - offset)], at: at, in: memory, unless: piece.writer))
      }
    }
    var expected = wanted.text
    if expectation.isRace, let named = expectation.named.flatMap(name) {
      expected = "\(named), though the last ordered before it is \(wanted.text)"
    }
    return Finding(isRight: isRight, seen: seen.text, expected: expected)
  }

  private func byte(of writer: WriteHistory.Writer, at offset: UInt64) -> UInt8? {
    switch writer {
    case .zeroes: 0
    case .write(let number): ScriptWrite.byte(of: number, at: offset)
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

  /// Names who leaves such a byte: who must have, before the last of those who may have.
  private func writer(
    of byte: UInt8, at offset: UInt64, in memory: Int, unless expected: WriteHistory.Writer
  ) -> String {
    if byte == self.byte(of: expected, at: offset), let name = name(expected) { return name }
    if byte == 0 { return "zeroes" }
    for (number, range) in (candidates[memory] ?? []).reversed()
    where range.contains(offset) && ScriptWrite.byte(of: number, at: offset) == byte {
      return script.writes[number].name
    }
    return "other bytes"
  }

  /// Names in the order in which they come up, each one once in a row.
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
