// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Which nodes are of one device: a number for each device, from 1.
struct NodeNumbers {
  private var numbers: [String: Int] = [:]
  private var count = 0

  /// Knows the nodes that a kernel lists; others are a device each.
  init(_ kernel: Kernel) {
    for entry in kernel.devices() {
      count += 1
      for path in [entry.primaryNode, entry.renderNode] {
        if let path { numbers[path] = count }
      }
    }
  }

  /// Answers the device of a path.
  mutating func device(of path: String) -> Int {
    if let number = numbers[path] { return number }
    count += 1
    numbers[path] = count
    return count
  }
}
