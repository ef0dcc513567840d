// SPDX-License-Identifier: MIT

import Testing

@testable import Runs

@Suite struct PlanTests {
  @Test func aPlanHasItsSchemaVersion() {
    let plan = Plan(tool: "gemsync 1", command: [], devices: [], ignored: [], items: [])
    #expect(plan.schemaVersion == 1)
  }
}
