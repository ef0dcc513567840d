// SPDX-License-Identifier: MIT

internal import DRMDrivers
public import Litmus

/// What stands for a node of a script on a machine.
public enum ScriptPlace: Hashable, Sendable {
  /// A DRM node, by its path.
  case node(String)
  /// `system_heap` or `udmabuf`.
  case exporter(String)
}

extension ScriptRunner {
  /// Answers what stands for each node of a script; nil where the machine lacks one.
  public func places(for script: Script) -> [ScriptPlace]? {
    guard case .found(let placement) = Placement.find(for: script, on: machine) else { return nil }
    return placement.places.map { place in
      switch place {
      case .node(let node): .node(node.path)
      case .systemHeap: .exporter("system_heap")
      case .udmabuf: .exporter("udmabuf")
      }
    }
  }
}
