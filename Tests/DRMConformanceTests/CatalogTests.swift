// SPDX-License-Identifier: MIT

import DRMConformance
import Testing

@Suite struct CatalogTests {
  @Test func idsAreUniqueAndWellFormed() {
    let ids = CheckCatalog.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    for id in ids {
      #expect(id.wholeMatch(of: /[a-z0-9_]+(\.[a-z0-9_]+)+/) != nil, "\(id)")
    }
  }

  @Test func statementsAreOneSentence() {
    for check in CheckCatalog.all {
      #expect(check.statement.hasSuffix("."), "\(check.id)")
      #expect(!check.statement.contains("\n"), "\(check.id)")
      #expect(check.statement.matches(of: /\.( |$)/).count == 1, "\(check.id)")
    }
  }

  @Test func patternsSelect() {
    func ids(_ pattern: String) -> [String] { CheckCatalog.matching(pattern).map(\.id) }
    #expect(ids("panthor.bo_sync.whole") == ["panthor.bo_sync.whole"])
    #expect(ids("panthor.bo_sync").count > 20)
    #expect(ids("panthor.bo_sync").allSatisfy { $0.hasPrefix("panthor.bo_sync.") })
    #expect(ids("panthor.bo").isEmpty)
    #expect(ids("*bad_handle").allSatisfy { $0.hasSuffix("bad_handle") })
    #expect(ids("*bad_handle").count >= 3)
    #expect(ids("panthor.*.pad*").contains("panthor.bo_create.pad"))
    #expect(ids("*").count == CheckCatalog.all.count)
    #expect(ids("").isEmpty && ids("nothing").isEmpty)
  }
}
