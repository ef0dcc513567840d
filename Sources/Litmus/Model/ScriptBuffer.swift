// SPDX-License-Identifier: MIT

/// A BO of a script, in one node.
public struct ScriptBuffer: Sendable {
  /// How the node came to have it.
  public enum Origin: Hashable, Sendable {
    /// It was created there, with these flags.
    case created(Set<Flag>)
    /// It was imported from the dma-buf of this other buffer.
    case imported(from: Int)
  }

  /// A creation flag, by the field's name.
  public enum Flag: String, CaseIterable, Hashable, Sendable {
    /// Write-back mapped: `DRM_PANTHOR_BO_WB_MMAP`, `PANFROST_BO_WB_MMAP`.
    case writeBack = "wb_mmap"
    /// Not mapped by the CPU: `DRM_PANTHOR_BO_NO_MMAP`.
    case unmappable = "no_mmap"
    /// Not executed by the GPU: `PANFROST_BO_NOEXEC`.
    case noExecute = "noexec"
    /// Kept to one VM, and so never exported: panthor's `exclusive_vm_id`.
    case exclusive
  }

  public let name: String
  public let node: Int
  public let origin: Origin
  /// In bytes, as asked for; of an import, the size of what it was imported from.
  public let size: UInt64
  public let position: SourcePosition

  /// Creates a buffer.
  public init(name: String, node: Int, origin: Origin, size: UInt64, position: SourcePosition) {
    self.name = name
    self.node = node
    self.origin = origin
    self.size = size
    self.position = position
  }
}
