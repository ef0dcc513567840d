// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// What opening a node adds to the picture of a machine.
extension MachineDevice {
  /// Describes a device that the picture lacks: one of a substitute kernel.
  init(_ entry: DeviceEntry, _ path: String) {
    self.init(
      kind: entry.compatible.contains(where: MaliDriver.isMali) ? .mali : .drm, name: path,
      compatible: entry.compatible, renderNode: entry.renderNode, primaryNode: entry.primaryNode,
      state: .usable, summary: "usable", explanation: "")
  }

  /// Takes over what the driver of an opened node reports.
  mutating func adopt(_ opened: DeviceDescription) {
    (state, summary, explanation) = (.usable, "usable", "")
    (advice, limits) = ([], [])
    name = opened.path
    driver = opened.driver
    if compatible.isEmpty { compatible = opened.compatible }
    description = opened
    guard let known = opened.knownDriver, known.drivesMali else { return }
    kind = .mali
    if !opened.features.contains(.explicitSync),
      let minor = known.facts.minor(adding: .explicitSync)
    {
      let linux = known.facts.history.first { $0.minor == minor }?.linux ?? "?"
      limits.append(Diagnosis.limit(of: known, minor, linux))
    }
    if let caveat = opened.caveat { limits.append(caveat) }
  }

  /// Describes a mock before it is opened.
  init(mock name: String) {
    self.init(
      kind: .mock, name: "mock:\(name)", state: .usable, summary: "usable", explanation: "")
  }

  /// Takes over what a mock reports.
  mutating func adopt(mock opened: DeviceDescription) {
    (driver, compatible, description) = (opened.driver, opened.compatible, opened)
  }

  /// Takes over why a mock cannot be used.
  mutating func refuse(_ error: DeviceError) {
    (state, summary, explanation) = (.unsupported, "refused: \(error)", error.description)
  }

  /// Takes over why a node cannot be opened; what the picture says of it stays.
  mutating func fail(_ error: DRMError) {
    guard state == .usable else { return }
    explanation = "\(error)"
    if case .unknownDriver(let identity) = error.reason {
      (state, summary) = (.unsupported, "unsupported driver \(identity)")
    } else {
      (state, summary) = (error.errno == .EACCES ? .closed : .failing, error.shortReason)
    }
  }
}

extension Machine {
  /// What commands without `--device` use.
  public enum Choice: Hashable, Sendable {
    case node(String)
    case mock
    /// They fail, with this reason.
    case none(String)
  }

  /// What commands without `--device` use: the Mali node with the lowest number, a mock without any Mali.
  public var choice: Choice {
    let malis = devices.filter(\.isMali)
    let nodes = malis.filter { $0.state == .usable }.map(\.name)
    if let first = nodes.min(by: { ($0.count, $0) < ($1.count, $1) }) { return .node(first) }
    guard let mali = malis.first else { return .mock }
    let others = malis.count > 1 ? "; \(malis.count - 1) more cannot be used" : ""
    return .none("\(mali.complaint)\(others)")
  }

  /// Names the Mali GPUs that are disabled, in brackets; empty for none.
  var disabledText: String {
    let disabled = devices.filter { $0.kind == .mali && $0.state == .disabled }
    guard !disabled.isEmpty else { return "" }
    return " (\(disabled.map { "\($0.title): \($0.summary)".printable }.joined(separator: ", ")))"
  }
}
