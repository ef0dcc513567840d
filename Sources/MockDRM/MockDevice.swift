// SPDX-License-Identifier: MIT

internal import DRMKernel

/// One mock GPU: what all open files of its nodes share.
final class MockDevice {
  let profile: MockProfile
  let driver: any MockDriver
  let index: Int
  let offsets: OffsetSpace
  let descriptors: DescriptorTable
  let log: MaintenanceLog
  let caches: MockCaches
  let jobs: JobTable
  var liveBuffers = 0
  var liveFiles = 0
  var liveHandles = 0
  private var serials = 0

  init(profile: MockProfile, index: Int, on machine: MockMachine) {
    log = machine.log
    caches = machine.caches
    jobs = machine.jobs
    descriptors = machine.descriptors
    self.profile = profile
    self.index = index
    driver = profile.makeDriver()
    offsets = OffsetSpace(pageSize: profile.pageSize)
  }

  var primaryNode: String { "/dev/dri/card\(index)" }
  var renderNode: String { "/dev/dri/renderD\(128 + index)" }

  /// Whether the device breaks a rule on purpose.
  func breaks(_ rule: PlantedFault) -> Bool { profile.fault == rule }

  /// Whether its accesses go through the CPU's caches, whatever its driver says of it.
  var snoops: Bool { profile.isCoherent != breaks(.snooping) }

  func nextSerial() -> Int {
    serials += 1
    return serials
  }

  /// Rounds up to whole pages.
  func pageAligned(_ size: UInt64) -> UInt64 {
    size.roundedUp(toPagesOf: profile.pageSize)
  }
}
