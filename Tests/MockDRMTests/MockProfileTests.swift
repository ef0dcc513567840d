// SPDX-License-Identifier: MIT

import CDRM
import DRMDrivers
import DRMKernel
import Testing

@testable import MockDRM

@Suite struct MockProfileTests {
  @Test(arguments: [
    ("panthor", MockProfile(.panthor)),
    ("panthor,coherent", MockProfile(.panthor, isCoherent: true)),
    ("panthor,coherent,minor=6", MockProfile(.panthor, minor: 6, isCoherent: true)),
    ("panthor,minor=12", MockProfile(.panthor, minor: 12)),
    ("panthor,page=16k,minor=0", MockProfile(.panthor, minor: 0, pageSize: 16384)),
    ("rk3588", MockProfile(.panthor)),
    ("rk3399", MockProfile(.panfrost)), ("panfrost,minor=2", MockProfile(.panfrost, minor: 2)),
    ("tyr", MockProfile(.tyr)),
    ("panthor,fault=zeroed", MockProfile(.panthor, fault: .zeroed)),
    ("panthor,break=zeroed", MockProfile(.panthor, fault: .zeroed)),
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
  func parsesDescriptions(_ text: String, _ profile: MockProfile) throws {
    #expect(try MockProfile(parsing: text) == profile)
    #expect(try MockProfile(parsing: "\(profile)") == profile)
  }

  @Test(arguments: [
    ("", "no mock device is called ''"), ("mali", "no mock device is called 'mali'"),
    ("panthor,minor=1000", "minor '1000'"), ("panfrost,minor=1000", "0...999"),
    ("panthor,minor=-1", "minor '-1'"),
    ("panthor,minor=x", "minor 'x'"), ("panthor,minr=6", "no option 'minr=6'"),
    ("panthor,", "no option ''"), ("panthor,page=8k", "no option 'page=8k'"),
    ("panthor,line=48", "no option 'line=48'"), ("panthor,evict=seed:-1", "evict=never|always"),
    ("panthor,invalidate=loose", "invalidate=lose|"),
    ("panthor,policy=v4", "series-v4, private-wb"), ("panthor,kernel=6.1", "6.12, 7.2, 7.3"),
    ("panthor,jobs=now", "unknown job timing 'now'; known: late, early"),
    ("panthor,fault=none", "sync_bound, sync_order"), ("panthor,coherent=1", "'coherent=1'"),
  ])
  func namesTheWrongPartOfADescription(_ text: String, _ part: String) {
    let error = #expect(throws: MockProfile.ParseError.self) { try MockProfile(parsing: text) }
    #expect(error?.description.contains(part) == true)
    #expect(error?.description.contains("\n") == false)
  }

  /// An option is read and printed by one entry, and explained in the error for an unknown one.
  @Test func everyOptionIsReadPrintedAndExplained() throws {
    let examples = [
      "coherent", "kernel=6.12", "minor=3", "page=16k", "heap", "policy=series-v4", "evict=seed:1",
      "fill=never", "invalidate=write_back", "line=32", "jobs=early", "fault=zeroed",
    ]
    #expect(examples.map { $0.prefix { $0 != "=" } } == ProfileOption.all.map { $0.name[...] })
    let all = "panthor,\(examples.joined(separator: ","))"
    #expect("\(try MockProfile(parsing: all))" == all)
    #expect(try MockProfile(parsing: "panthor,minor=3,kernel=6.12").minor == 3)
    let error = #expect(throws: MockProfile.ParseError.self) {
      try MockProfile(parsing: "panthor,x")
    }
    for option in ProfileOption.all {
      #expect(error?.description.contains(option.usage) == true)
    }
  }

  @Test func descriptionsUseTheDocumentedFaultOption() {
    #expect("\(MockProfile(.panfrost, fault: .copyOut))" == "panfrost,fault=copy_out")
  }

  @Test func everyDriverOfTheCatalogHasAMock() {
    for driver in DRMDriver.allCases {
      let mock = MockProfile(.catalogued(driver)).makeDriver()
      #expect(mock.identity == driver)
    }
    #expect(MockProfile(.tyr).makeDriver().identity == .panthor)
  }

  @Test(arguments: DRMDriver.allCases, KernelVersion.allCases)
  func theCatalogKnowsTheMinorOnEveryKernel(_ driver: DRMDriver, _ kernel: KernelVersion) {
    let minor = driver.facts.minorInLinux[kernel.rawValue]
    #expect(minor == MockProfile(.catalogued(driver), kernel: kernel).minor)
    #expect(driver.facts.history.contains { $0.minor == minor })
  }

  /// The mock states the first minor of an ioctl on its own; the catalog states that of the feature.
  @Test(arguments: [
    (DRMDriver.panthor, cdrm_request_panthor_bo_sync, cdrm_request_panthor_bo_query_info),
    (.panfrost, cdrm_request_panfrost_sync_bo, cdrm_request_panfrost_query_bo_info),
  ])
  func ioctlsComeWithTheMinorOfTheirFeature(_ driver: DRMDriver, _ sync: UInt, _ query: UInt) {
    for minor in 0...driver.facts.newestMinor {
      let mock = MockProfile(.catalogued(driver), minor: minor).makeDriver()
      let features = driver.facts.features(ofMinor: minor)
      #expect(
        (mock.entry(IoctlRequest(rawValue: sync).number) != nil) == features.contains(.explicitSync)
      )
      #expect(
        (mock.entry(IoctlRequest(rawValue: query).number) != nil) == features.contains(.bufferQuery)
      )
    }
  }
}
