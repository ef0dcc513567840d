// SPDX-License-Identifier: MIT

/// Memory as a device has it mapped: cache maintenance is done by such a mapping, and not for a device that
/// snoops.
struct DMAMapping {
  /// The path of a render node, or the name of an exporter.
  let device: String
  let isCoherent: Bool
  /// The BO by order of creation on that device.
  let buffer: Int
  /// In bytes.
  let size: UInt64
  /// Whose lines are maintained; nil where the memory ends with the mapping, and nobody will look.
  var memory: MockMemory?
}
