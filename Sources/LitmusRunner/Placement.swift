// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
public import Litmus

/// The assignment of a machine's devices to the nodes of a script.
struct Placement {
  /// A device of a machine.
  enum Place: Hashable {
    case node(DRMDriver, path: String)
    case systemHeap
    case udmabuf

    var driver: ScriptDriver {
      switch self {
      case .node(let driver, _): .drm(driver)
      case .systemHeap: .systemHeap
      case .udmabuf: .udmabuf
      }
    }
  }

  /// The device of each node of the script.
  let places: [Place]

  private init(_ places: [Place]) {
    self.places = places
  }

  /// Finds a different device for each node, or returns what is missing.
  static func find(for script: Script, on machine: ScriptMachine) -> Result {
    guard let first = script.nodes.first else { return .lacking("the script has no node") }
    guard let driver = first.drivers.first(where: { $0.name == machine.device.driver })?.drm else {
      return .lacking(
        "needs \(first.drivers.alternatives), and \(machine.device.path) is "
          + "\(machine.device.driver)")
    }
    let others = script.nodes.dropFirst().map { ($0, candidates(for: $0, on: machine)) }
    if let (node, _) = others.first(where: { $0.1.isEmpty }) {
      let files = [ScriptDriver.udmabuf: UDMABufDevice.path, .systemHeap: DMAHeap.systemPath]
      let closed = node.drivers.lazy.compactMap { files[$0] }.compactMap { file in
        machine.closedFiles[file].map { " (\(file): \($0))" }
      }
      return .lacking(
        "needs \(node.drivers.alternatives) for the node '\(node.name)'\(closed.first ?? "")")
    }
    let device = Place.node(driver, path: machine.device.path)
    guard let places = choose(others.map(\.1), from: [device]) else {
      return .lacking("needs more devices than the machine has beside \(machine.device.path)")
    }
    return .found(Placement(places))
  }

  /// A placement, or what is missing.
  enum Result {
    case found(Placement)
    case lacking(String)
  }

  /// Returns the devices that a node accepts, in the order of its drivers.
  private static func candidates(for node: ScriptNode, on machine: ScriptMachine) -> [Place] {
    node.drivers.flatMap { driver -> [Place] in
      switch driver {
      case .systemHeap:
        canOpen { () throws(DRMError) in _ = try DMAHeap(kernel: machine.kernel) }
          ? [.systemHeap] : []
      case .udmabuf:
        canOpen { () throws(DRMError) in _ = try UDMABufDevice(kernel: machine.kernel) }
          ? [.udmabuf] : []
      case .drm(let drm):
        machine.neighbours.filter { $0.driver == drm.name }.map { .node(drm, path: $0.path) }
      }
    }
  }

  private static func canOpen(_ open: () throws(DRMError) -> Void) -> Bool {
    do throws(DRMError) {
      try open()
      return true
    } catch {
      return false
    }
  }

  /// Takes the first candidates that leave a device for each node; several nodes can share an exporter.
  private static func choose(_ left: [[Place]], from taken: [Place]) -> [Place]? {
    guard let candidates = left.first else { return taken }
    for candidate in candidates {
      if case .node = candidate, taken.contains(candidate) { continue }
      if let all = choose(Array(left.dropFirst()), from: taken + [candidate]) { return all }
    }
    return nil
  }
}

/// The device that a machine offers for a node of a script.
public enum ScriptPlace: Hashable, Sendable {
  /// A DRM node, by its path.
  case node(String)
  /// An exporter without handles.
  case exporter(ScriptDriver)
}

extension ScriptRunner {
  /// Returns the device for each node of a script; nil where the machine lacks one.
  public func places(for script: Script) -> [ScriptPlace]? {
    guard case .found(let placement) = Placement.find(for: script, on: machine) else { return nil }
    return placement.places.map { place in
      switch place {
      case .node(_, let path): .node(path)
      case .systemHeap, .udmabuf: .exporter(place.driver)
      }
    }
  }
}
