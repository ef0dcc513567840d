// SPDX-License-Identifier: MIT

import Testing

@testable import MockDRM

@Suite struct MockProfileTests {
  @Test(arguments: [
    ("panthor", MockProfile(.panthor)),
    ("panthor,coherent", MockProfile(.panthor, isCoherent: true)),
    ("panthor,coherent,minor=6", MockProfile(.panthor, minor: 6, isCoherent: true)),
    ("panthor,page=16k,minor=0", MockProfile(.panthor, minor: 0, pageSize: 16384)),
    ("rk3588", MockProfile(.panthor)),
    ("rk3399", MockProfile(.panfrost)), ("panfrost,minor=2", MockProfile(.panfrost, minor: 2)),
    ("tyr", MockProfile(.tyr)),
    ("panfrost,policy=series-v4", MockProfile(.panfrost, policy: .seriesV4)),
    (
      "panthor,policy=private-wb,evict=seed:7,fill=never,invalidate=write_back,line=128",
      MockProfile(
        .panthor,
        caches: CachePolicy(
          evict: .seeded(7), fill: .never, invalidate: .writeBack, lineSize: 128),
        policy: .privateWB)
    ),
    (
      "vgem,evict=always,fill=seed:0,invalidate=seed:18446744073709551615,line=32",
      MockProfile(
        .vgem,
        caches: CachePolicy(
          evict: .always, fill: .seeded(0), invalidate: .seeded(.max), lineSize: 32))
    ),
  ])
  func readsDescriptions(_ text: String, _ profile: MockProfile) throws {
    #expect(try MockProfile(parsing: text) == profile)
    #expect(try MockProfile(parsing: "\(profile)") == profile)
  }

  @Test(arguments: [
    ("", "no mock device is called ''"), ("mali", "no mock device is called 'mali'"),
    ("panthor,minor=10", "minor '10'"), ("panfrost,minor=7", "0...6"),
    ("panthor,minor=-1", "minor '-1'"),
    ("panthor,minor=x", "minor 'x'"), ("panthor,minr=6", "no option 'minr=6'"),
    ("panthor,", "no option ''"), ("panthor,page=8k", "no option 'page=8k'"),
    ("panthor,line=48", "no option 'line=48'"), ("panthor,evict=seed:-1", "evict=never|always"),
    ("panthor,invalidate=loose", "invalidate=lose|"), ("panthor,policy=v4", "series-v4, private-wb"),
  ])
  func refusesOthersWithTheirPlace(_ text: String, _ part: String) {
    let error = #expect(throws: MockProfile.ParseError.self) { try MockProfile(parsing: text) }
    #expect(error?.description.contains(part) == true)
    #expect(error?.description.contains("\n") == false)
  }
}
