// SPDX-License-Identifier: MIT

/// A driver whose ioctls have a layout here; driver ioctls share their numbers.
public enum IoctlDriver: String, CaseIterable, Hashable, Sendable, Codable {
  case panthor
  case panfrost
  case vgem
  case powervr
}
