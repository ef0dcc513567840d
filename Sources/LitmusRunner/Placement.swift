// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import Litmus

/// Which of a machine's devices stands for each node of a script.
struct Placement {
  /// A device of a machine.
  enum Place: Hashable {
    case node(DeviceDescription)
    case systemHeap
    case udmabuf
  }

  /// By the script's nodes.
  let places: [Place]

  private init(_ places: [Place]) {
    self.places = places
  }

  /// Finds a device for each node, another one for each; answers why not where there is none.
  static func find(for script: Script, on machine: ScriptMachine) -> Result {
    guard let first = script.nodes.first else { return .lacking("the script has no node") }
    guard first.drivers.contains(machine.device.driver) else {
      return .lacking(
        "needs \(first.drivers.joined(separator: " or ")), and \(machine.device.path) is "
          + "\(machine.device.driver)")
    }
    let others = script.nodes.dropFirst().map { ($0, candidates(for: $0, on: machine)) }
    if let (node, _) = others.first(where: { $0.1.isEmpty }) {
      return .lacking("needs \(node.drivers.joined(separator: " or ")) for the node '\(node.name)'")
    }
    guard let places = choose(others.map(\.1), from: [.node(machine.device)]) else {
      return .lacking("needs more devices than there are beside \(machine.device.path)")
    }
    return .found(Placement(places))
  }

  /// A placement, or what is missing.
  enum Result {
    case found(Placement)
    case lacking(String)
  }

  /// What will do for a node, by the order in which it names drivers.
  private static func candidates(for node: ScriptNode, on machine: ScriptMachine) -> [Place] {
    node.drivers.flatMap { driver -> [Place] in
      switch driver {
      case "system_heap":
        isThere { () throws(DRMError) in _ = try DMAHeap(kernel: machine.kernel) }
          ? [.systemHeap] : []
      case "udmabuf":
        isThere { () throws(DRMError) in _ = try UDMABufDevice(kernel: machine.kernel) }
          ? [.udmabuf] : []
      default: machine.neighbours.filter { $0.driver == driver }.map(Place.node)
      }
    }
  }

  private static func isThere(_ open: () throws(DRMError) -> Void) -> Bool {
    do throws(DRMError) {
      try open()
      return true
    } catch {
      return false
    }
  }

  /// Takes the first candidates that leave one for everybody; exporters may be opened by several.
  private static func choose(_ left: [[Place]], from taken: [Place]) -> [Place]? {
    guard let candidates = left.first else { return taken }
    for candidate in candidates {
      if case .node = candidate, taken.contains(candidate) { continue }
      if let all = choose(Array(left.dropFirst()), from: taken + [candidate]) { return all }
    }
    return nil
  }
}
