// SPDX-License-Identifier: MIT

import DRMConformance
import DRMDrivers
import Testing

@Suite struct CatalogTests {
  @Test func idsAreUniqueAndWellFormed() {
    let ids = CheckCatalog.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    for id in ids {
      #expect(id.wholeMatch(of: /[a-z0-9_]+(\.[a-z0-9_]+)+/) != nil, "\(id)")
    }
  }

  @Test func statementsAreOneShortSentence() {
    for check in CheckCatalog.all {
      #expect(check.statement.hasSuffix("."), "\(check.id)")
      #expect(!check.statement.contains("\n"), "\(check.id)")
      #expect(check.statement.matches(of: /\.( |$)/).count == 1, "\(check.id)")
      #expect(check.statement.count <= 100, "\(check.id)")
    }
  }

  @Test(arguments: DRMDriver.allCases)
  func idsOfOneDriverStartWithItsName(_ driver: DRMDriver) {
    let own = CheckCatalog.all.filter { $0.requires.contains(.driver(driver)) }
    #expect(own.count >= 8)
    for check in own {
      #expect(
        check.id.hasPrefix("\(driver.name).") || check.id.hasPrefix("core."), "\(check.id)")
    }
    for check in CheckCatalog.all where check.id.hasPrefix("\(driver.name).") {
      #expect(check.requires.contains(.driver(driver)), "\(check.id)")
    }
  }

  @Test func patternsSelectChecks() {
    func ids(_ pattern: String) -> [String] { CheckCatalog.matching(pattern).map(\.id) }
    #expect(ids("panthor.bo_sync.whole") == ["panthor.bo_sync.whole"])
    #expect(ids("panthor.bo_sync").count > 20)
    #expect(ids("panthor.bo_sync").allSatisfy { $0.hasPrefix("panthor.bo_sync.") })
    #expect(ids("panthor.bo").isEmpty)
    #expect(
      ids("*bad_handle") == ids("*").filter { $0.hasSuffix("bad_handle") })
    #expect(ids("*bad_handle").count >= 3)
    #expect(ids("panthor.*.pad*").contains("panthor.bo_create.pad"))
    #expect(ids("*").count == CheckCatalog.all.count)
    #expect(ids("").isEmpty && ids("nothing").isEmpty)
  }
}
