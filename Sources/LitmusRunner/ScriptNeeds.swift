// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRM
internal import Litmus

extension Script {
  /// Returns the first feature that a script needs and its open nodes lack; nil where there is none.
  ///
  /// Only a model can have a driver that is wrong about its device: a real one must report what a script claims.
  func firstLack(on nodes: [OpenNode], isModelled: Bool) -> String? {
    for (node, description) in zip(nodes, self.nodes) where !isModelled {
      guard let claim = description.claim else { continue }
      let reported = node.reportedCoherency
      guard reported != (claim == .coherent) else { continue }
      let report = reported.map { $0 ? "coherent" : "non_coherent" } ?? "nothing"
      return
        "the node '\(description.name)' claims \(claim.rawValue), and \(node.driver) reports \(report)"
    }
    for step in steps {
      for (feature, buffer) in needs(of: step.action) {
        let node = nodes[buffers[buffer].node]
        guard !node.features.contains(feature) else { continue }
        let version = node.version.map { " \($0)" } ?? ""
        return "\(step.position): needs \(feature.names.joined(separator: " and ")), not in "
          + "\(node.driver)\(version)"
      }
    }
    return nil
  }

  private func needs(of action: ScriptStep.Action) -> [(Features, Int)] {
    switch action {
    case .create(let buffer):
      guard case .created(let flags) = buffers[buffer].origin else { return [] }
      return flags.sorted { $0.rawValue < $1.rawValue }.map { ($0.feature, buffer) }
    case .sync(let syncs):
      return syncs.filter { $0.method == .ioctl }.map { (.explicitSync, $0.buffer) }
    default: return []
    }
  }
}

extension DriverFacts.CreationFlag {
  /// The feature that comes with the flag.
  fileprivate var feature: Features {
    switch self {
    case .writeBack: .writeBackMapping
    case .unmappable: .unmappableBuffers
    case .noExecute: .heapBuffers
    case .exclusive: .addressSpaces
    }
  }
}
