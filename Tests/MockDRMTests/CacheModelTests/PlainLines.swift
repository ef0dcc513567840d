// SPDX-License-Identifier: MIT

import DRMKernel

@testable import MockDRM

/// The cache model in its simplest form: a state and two images for each line, without comparisons.
struct PlainLines {
  private struct Line {
    var state: ModelledLine.State
    var cpu: [UInt8]
    var memory: [UInt8]

    mutating func clean() {
      guard state == .dirty else { return }
      memory = cpu
      state = .clean
    }

    mutating func makeAbsent() {
      cpu = memory
      state = .absent
    }

    mutating func fill() {
      if state == .absent { state = .clean }
    }
  }

  private let lineSize: Int
  private var lines: [Line]
  var outcome = InvalidationOutcome.lose

  init(size: Int, lineSize: Int) {
    self.lineSize = lineSize
    let zeroes = [UInt8](repeating: 0, count: lineSize)
    let poison = [UInt8](repeating: 0xdb, count: lineSize)
    lines = (0..<size / lineSize).map { _ in Line(state: .dirty, cpu: zeroes, memory: poison) }
  }

  var described: [ModelledLine] {
    lines.map { ModelledLine(state: $0.state, cpu: $0.cpu, memory: $0.memory) }
  }

  mutating func clean(_ range: Range<Int>) {
    for line in touched(range) { lines[line].clean() }
  }

  mutating func invalidate(_ range: Range<Int>) {
    for line in touched(range) {
      let isCovered = range.contains(line * lineSize) && range.contains((line + 1) * lineSize - 1)
      if !isCovered || outcome == .writeBack { lines[line].clean() }
      lines[line].makeAbsent()
    }
  }

  mutating func evict(_ range: Range<Int>) {
    for line in touched(range) {
      lines[line].clean()
      lines[line].makeAbsent()
    }
  }

  mutating func fill(_ range: Range<Int>) {
    for line in touched(range) { lines[line].fill() }
  }

  mutating func store(_ bytes: [UInt8], at position: Int) {
    for (index, byte) in bytes.enumerated() {
      let (line, offset) = (position + index).quotientAndRemainder(dividingBy: lineSize)
      lines[line].cpu[offset] = byte
      lines[line].state = .dirty
    }
  }

  mutating func deviceWrites(_ bytes: [UInt8], at position: Int, isCoherent: Bool) {
    for (index, byte) in bytes.enumerated() {
      let (line, offset) = (position + index).quotientAndRemainder(dividingBy: lineSize)
      lines[line].memory[offset] = byte
      if isCoherent || lines[line].state == .absent { lines[line].cpu[offset] = byte }
    }
  }

  func deviceReads(_ range: Range<Int>, isCoherent: Bool) -> [UInt8] {
    range.map { position in
      let line = lines[position / lineSize]
      return (isCoherent ? line.cpu : line.memory)[position % lineSize]
    }
  }

  private func touched(_ range: Range<Int>) -> Range<Int> {
    range.isEmpty
      ? 0..<0 : range.lowerBound / lineSize..<(range.upperBound + lineSize - 1) / lineSize
  }
}
