// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import FoundationEssentials
internal import Litmus
internal import Reports

extension Plan {
  private static let mostBytes = 64 << 20

  /// Reads a plan from the file of a run.
  ///
  /// - Throws: one line with the file; a plan is one line too.
  init(contentsOf path: String) throws(ReportError) {
    let bytes = try OpenFile.contents(of: path, atMost: Self.mostBytes, ResultFolder.hint)
    struct Version: Decodable {
      let schema_version: Int
    }
    var fault: String?
    do {
      let decoder = JSONDecoder()
      let version = try decoder.decode(Version.self, from: Data(bytes)).schema_version
      guard version == Self.currentSchemaVersion else {
        throw Contradiction(
          "schema_version is \(version), this gemsync reads \(Self.currentSchemaVersion)")
      }
      self = try decoder.decode(Plan.self, from: Data(bytes))
      fault = self.fault
      if fault == nil { return }
    } catch let error as DecodingError {
      fault = error.text
    } catch {
      fault = "\(error)"
    }
    throw ReportError(description: "\(path):1: \(fault ?? "not a plan")".printable)
  }

  /// What no plan has: items out of order, or on devices that it lacks; nil for a plan.
  var fault: String? {
    guard (0...RunPolicy.mostRetries).contains(policy.retries), policy.lanes > 0,
      (policy.mostFailures ?? 1) > 0
    else { return "the policy has a number that no run has" }
    for (index, item) in items.enumerated() {
      guard item.number == index else { return "item \(index) has the number \(item.number)" }
      guard devices.indices ~= item.device else {
        return "item \(index) is on device \(item.device), the plan has \(devices.count)"
      }
      guard item.round > 0 else { return "item \(index) is in round \(item.round)" }
    }
    return nil
  }
}

extension Plan.Item {
  /// The id of the item's results.
  var resultID: String { Script.id(ofPath: name) }
}
