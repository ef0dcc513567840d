// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A mock device: the state that all open files of its nodes share.
final class MockDevice {
  /// What its driver reports and believes.
  private(set) var profile: MockProfile
  let driver: any MockDriver
  /// The device's number: 0 is card0 and renderD128.
  let index: Int
  /// The fake offsets of its BOs.
  let offsets: OffsetSpace
  // What all devices of the machine share.
  let descriptors: DescriptorTable
  let log: MaintenanceLog
  let caches: MockCaches
  let jobs: JobTable
  /// The existing BOs, open files and handles, for ``MockUsage``.
  var (liveBuffers, liveFiles, liveHandles) = (0, 0, 0)
  // Whether the device snoops where no fault is injected.
  private let isCoherent: Bool
  private var serials = 0

  init(profile: MockProfile, index: Int, on machine: MockMachine) {
    log = machine.log
    caches = machine.caches
    jobs = machine.jobs
    descriptors = machine.descriptors
    self.profile = profile
    isCoherent = profile.isCoherent
    self.index = index
    driver = profile.makeDriver()
    offsets = OffsetSpace(pageSize: profile.pageSize)
  }

  var primaryNode: String { "/dev/dri/card\(index)" }
  var renderNode: String { "/dev/dri/renderD\(128 + index)" }

  /// Whether the profile injects a fault.
  func injects(_ fault: InjectedFault) -> Bool { profile.fault == fault }

  /// Whether its accesses snoop CPU caches; the fault `snooping` inverts what its driver reports.
  var snoops: Bool { isCoherent != injects(.snooping) }

  /// Makes the driver believe that the device snoops, or that it does not; nil ends that.
  func claim(_ isCoherent: Bool?) { profile.isCoherent = isCoherent ?? self.isCoherent }

  func nextSerial() -> Int {
    serials += 1
    return serials
  }

  /// Rounds up to whole pages.
  func pageAligned(_ size: UInt64) -> UInt64 {
    size.roundedUp(toPagesOf: profile.pageSize)
  }
}

extension UInt64 {
  /// Rounds up to whole pages with the kernel's arithmetic: sizes near 2^64 wrap to 0.
  func roundedUp(toPagesOf pageSize: Int) -> UInt64 {
    let mask = UInt64(pageSize) - 1
    return (self &+ mask) & ~mask
  }
}
