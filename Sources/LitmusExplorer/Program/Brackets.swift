// SPDX-License-Identifier: MIT

internal import Litmus

/// The pairs of START and END on each dma-buf: an END belongs to the last START that has none.
///
/// The kernel neither counts nor pairs them, and each call maintains by its own flags.
struct Brackets {
  /// For each START, its END.
  private(set) var ends: [Int: Int] = [:]
  /// The steps without a partner, in order.
  private(set) var unpaired: [Int] = []

  /// Pairs the steps of a script, except those that must fail or that the kernel refuses.
  init(_ script: Script, refused: Set<Int> = []) {
    var open: [Int: [Int]] = [:]
    for (index, step) in script.steps.enumerated()
    where step.errno == nil && !refused.contains(index) {
      switch step.action {
      case .beginAccess(let buffer, _): open[script.memory(of: buffer), default: []].append(index)
      case .endAccess(let buffer, _):
        if let start = open[script.memory(of: buffer)]?.popLast() {
          ends[start] = index
        } else {
          unpaired.append(index)
        }
      default: break
      }
    }
    unpaired = (unpaired + open.values.joined()).sorted()
  }
}
