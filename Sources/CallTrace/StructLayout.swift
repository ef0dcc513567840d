// SPDX-License-Identifier: MIT

/// The fields of a struct, one after another without a gap, as uAPI structs are.
public struct StructLayout: Hashable, Sendable {
  /// In bytes.
  public let size: Int
  public let fields: [LayoutField]

  init(_ parts: [LayoutPart]) {
    var fields: [LayoutField] = []
    var offset = 0
    for part in parts {
      offset = part.append(to: &fields, at: offset, among: parts)
    }
    self.fields = fields
    size = offset
  }

  /// Answers the field of that name.
  public func field(_ name: String) -> LayoutField? {
    fields.first { $0.name == name }
  }
}
