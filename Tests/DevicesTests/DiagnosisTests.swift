// SPDX-License-Identifier: MIT

import DRMKernel
import Testing

@testable import Devices

/// How texts of the kernel are read.
@Suite struct DiagnosisTests {
  @Test(
    arguments: [
      ("panthor 1.gpu: probe with driver panthor failed with error -2", 2),
      ("panthor: probe of 1.gpu failed with error -22", 22),
      ("panfrost 1.gpu: failed to get regulator: -517", 517),
      ("panthor 1.gpu: error -ENODEV: _opp_set_regulators: no regulator", 19),
      ("panthor 1.gpu: error -EPROBE_DEFER: no clock", 517),
      ("panfrost 1.gpu: regulator init failed -517", 517),
      ("panthor 1.gpu: mali-g610 id 0xa867", nil),
    ] as [(String, Int32?)])
  func readsErrnos(_ line: String, _ number: Int32?) {
    #expect(Diagnosis.errno(in: line)?.rawValue == number)
  }

  @Test(arguments: [
    ("fb000000.gpu", "fb000000.gpu"), ("CIXH5000:00", "CIXH5000:00"), ("$USER", "$USER"),
    ("a b", "'a b'"), ("$(reboot)", "'$(reboot)'"), ("a'b", #"'a'\''b'"#), ("", "''"),
  ])
  func namesAreWordsOfAShell(_ name: String, _ word: String) { #expect(name.quoted == word) }

  @Test(arguments: [
    ("failed to get regulator: -517", "regulator"), ("supply mali not found", "regulator"),
    ("failed to attach power domains", "power domain"), ("could not get clk core", "clock"),
    ("Failed to boot MCU", "firmware"), ("Failed to load firmware image", "firmware"),
    ("unsupported GPU model", "GPU model"), ("gpu soft reset timed out", "reset"),
    ("the job was stopped: timeout", nil),
    ("Incorrect number of power domains: 1 provided, 3 needed", "power domain"),
    ("iommu: probe failed", "IOMMU"), ("clock rate = 400000000", nil), ("mali-g610 id 0xa867", nil),
  ])
  func namesWhatALineIsAbout(_ line: String, _ cause: String?) {
    #expect(Diagnosis.cause(of: line) == cause)
  }

  @Test(arguments: [
    (
      "platform: supplier fd8d8000.power-management:power-controller not ready",
      "fd8d8000.power-management:power-controller"
    ),
    ("platform: wait for supplier /soc/i2c@10/pmic@42", "/soc/i2c@10/pmic@42"),
    ("panthor: Failed to get clock", "a clock"), ("failed to attach iommu", "an IOMMU"), ("", nil),
    ("(reason unknown)", nil),
  ])
  func findsTheSupplierOfAReason(_ reason: String, _ supplier: String?) {
    #expect(Diagnosis.supplier(in: reason) == supplier)
  }

  @Test(
    arguments: [
      ("crw-rw---- 0:105", 1000, [105], true), ("crw-rw---- 0:105", 1000, [44], false),
      ("crw-rw---- 0:105", 0, [], true), ("crw------- 1000:0", 1000, [], true),
      ("c------rw- 1000:0", 1000, [], false), ("crw----rw- 0:105", 1000, [105], false),
      ("crw-rw---- 0:105 user:1000:rw- mask:rw-", 1000, [], true),
      ("crw-rw---- 0:105 user:1000:rw- mask:r--", 1000, [], false),
      ("crw-rw---- 0:105 user:1000:r-- mask:rw-", 1000, [105], false),
      ("crw-rw---- 0:105 group:r-- group:7:rw- mask:rw-", 1000, [7], true),
      ("crw-rw---- 0:105 group:r-- mask:rw-", 1000, [105], false),
      ("crw-rw-rw- 0:0 open=EPERM", 1000, [], false), ("crw------- 0:0 open=ok", 1000, [], true),
      ("drwx--x--x 0:0", 1000, [], true), ("drwx------ 0:0", 1000, [], false),
    ] as [(String, UInt32, Set<UInt32>, Bool)])
  func permissionsAreThoseOfTheKernel(
    _ text: String, _ user: UInt32, _ groups: Set<UInt32>, _ isOpen: Bool
  ) throws {
    let status = try #require(FileStatus(text))
    var account = Account()
    (account.user, account.groups) = (user, groups)
    #expect(status.isOpen(to: account) == isOpen)
    #expect(status.description == text)
  }
}
