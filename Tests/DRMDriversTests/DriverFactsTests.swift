// SPDX-License-Identifier: MIT

import DRMDrivers
import Testing

struct DriverFactsTests {
  @Test(arguments: DRMDriver.allCases)
  func historyIsInOrderAndAddsEachFeatureOnce(_ driver: DRMDriver) {
    let history = driver.facts.history
    #expect(history.first?.minor == 0)
    #expect(history.map(\.minor) == Array(Set(history.map(\.minor))).sorted())
    var seen: Features = []
    for release in history {
      #expect(seen.isDisjoint(with: release.features))
      seen.formUnion(release.features)
    }
  }

  @Test func panthorHasCachedMapsSinceLinux7() {
    let facts = DRMDriver.panthor.facts
    #expect(facts.minor(adding: .explicitSync) == 7)
    #expect(facts.history.first { $0.minor == 7 }?.linux == "7.0")
    #expect(!facts.features(ofMinor: 6).contains(.writeBackMapping))
    #expect(facts.features(ofMinor: 7).contains([.buffers, .labels, .writeBackMapping]))
    #expect(facts.newestMinor == 9)
    #expect(facts.minor(adding: .heapBuffers) == nil)
  }

  @Test func panfrostHasCachedMapsSinceLinux7() {
    let facts = DRMDriver.panfrost.facts
    #expect(facts.minor(adding: .explicitSync) == 6)
    #expect(facts.minor(adding: .heapBuffers) == 1)
    #expect(facts.newestMinor == 6)
  }

  @Test func onlyMaliDriversAreMali() {
    #expect(DRMDriver.mali == [.panthor, .panfrost])
    #expect(DRMDriver.powervr.drivesGPU && !DRMDriver.powervr.drivesMali)
    #expect(!DRMDriver.vgem.drivesGPU)
    #expect(DRMDriver.vgem.facts.bufferNode == .primary)
  }

  @Test(arguments: DRMDriver.mali)
  func whatReportsCoherencyNamesTheField(_ driver: DRMDriver) {
    #expect(driver.facts.minor(adding: .reportsCoherency) != nil)
    #expect(driver.facts.coherency == .deviceQuery(field: "selected_coherency"))
    #expect(driver.facts.syncCall != nil)
  }
}
