// SPDX-License-Identifier: MIT

@_spi(ProposedSync) import DRM
import CDRM
import DRMKernel
import MockDRM
import TestSupport
import Testing

/// Syncs by each method: driver, exporter and CPU.
@Suite struct SyncMethodTests {
  private let memory = 16384

  @Test func bytesSurviveUserlandMaintenance() throws {
    guard let line = UserlandCaches.lineSize else { return }
    #expect(line >= 16 && line.nonzeroBitCount == 1)
    // A real mapping of this process, and its real caches.
    let file = try MemoryFile(size: UInt64(memory))
    let mapped = try DMABuf(descriptor: #require(duplicate(file.descriptor))).map()
    var mapping = mapped
    for at in 0..<memory { try mapping.store(UInt8(truncatingIfNeeded: at &* 7 &+ 1), at: at) }
    let size = UInt64(memory)
    for range in [0..<size, 3..<10, 63..<65, 1..<size - 1, 4096..<4096, size..<size] {
      try mapping.maintain(.flush, range)
      try mapping.maintain(.flushAndInvalidate, range)
      for accessor in SyncAccessor.allCases {
        for access in SyncAccess.allCases { try mapping.maintain(for: accessor, access, range) }
      }
    }
    for at in 0..<memory {
      #expect(try mapping.load(UInt8.self, at: at) == UInt8(truncatingIfNeeded: at &* 7 &+ 1))
    }
  }

  /// CTR_EL0 of Cortex-A76, of a core with 128-byte granules, of one without CWG, and of an odd one.
  @Test(
    arguments: [
      (0x9444_c004, 64, 64), (0x8544_8004, 64, 128), (0x8044_8004, 64, 128),
      (0x8445_8004, 128, 128),
      (0x8443_8004, 32, 64), (0x8346_8004, 256, 256),
    ] as [(UInt64, Int, Int)])
  func maintenanceStepsBySmallestLineAndSharesByLargestGranule(
    _ register: UInt64, _ line: Int, _ granule: Int
  ) {
    #expect(cdrm_ctr_line_size(register) == line && cdrm_ctr_granule(register) == granule)
  }

  @Test func thisCPUHasAGranuleOfWholeLines() throws {
    guard let line = UserlandCaches.lineSize else {
      #expect(UserlandCaches.sharingGranule == nil)
      return
    }
    let granule = try #require(UserlandCaches.sharingGranule)
    #expect(granule >= line && granule % line == 0)
  }

  @Test func userlandStaysWithinTheMapping() throws {
    let bench = Bench()
    let mapping = try bench.open().createBuffer(size: 4096).map()
    for range in [0..<4097 as Range<UInt64>, 4097..<4097, 8192..<(.max)] {
      let error = #expect(throws: DRMError.self) { try mapping.maintain(.flush, range) }
      #expect(error?.reason == .outOfRange && error?.errno == nil)
      #expect(throws: DRMError.self) { try mapping.maintain(for: .cpu, .write, range) }
    }
  }

  @Test func userlandMakesNoSystemCall() throws {
    let bench = Bench()
    let recorder = SyncRecorder(bench.kernel)
    let counting = InterposedKernel(.substitute(recorder)) { _ in .pass }
    let node = try DRMNode(path: bench.path, kernel: .substitute(counting))
    let buffer = try node.createBuffer(size: 4096, mapping: .writeBack)
    let mapping = try buffer.map()
    let before = counting.callCount
    try buffer.sync(.flush, 5..<9, by: .userland, mapped: mapping)
    // The one call is the maintenance itself, which is not a system call.
    #expect(counting.callCount == before + 1)
    try mapping.maintain(.flushAndInvalidate, 0..<4096)
    #expect(recorder.maintenance == ["clean 4", "cleanAndInvalidate 4096"])
    #expect(recorder.take() == [])
  }

  @Test func cpuWithoutInstructionsIsReported() throws {
    let bench = Bench()
    // The calls before: open, version twice, query, create, offset, map.
    let kernel = InterposedKernel(bench.kernel) { $0 < 7 ? .pass : .answer(-38) }
    let node = try DRMNode(path: bench.path, kernel: .substitute(kernel))
    let mapping = try node.createBuffer(size: 4096, mapping: .writeBack).map()
    #expect(kernel.callCount == 7)
    let error = #expect(throws: DRMError.self) { try mapping.maintain(.flush, 0..<64) }
    #expect(error?.reason == .noUserlandMaintenance)
    #expect(
      error?.description == "cannot sync BO handle 1: this CPU has no cache maintenance "
        + "instructions for a process")
  }

  @Test func eachMethodIsTheSelectedOne() throws {
    let bench = Bench()
    let recorder = SyncRecorder(bench.kernel)
    let node = try DRMNode(path: bench.path, kernel: .substitute(recorder))
    let buffer = try node.createBuffer(size: 4096, mapping: .writeBack)
    let mapping = try buffer.map()
    try buffer.sync(.flush, 0..<64, by: .ioctl, mapped: mapping)
    #expect(recorder.take() == [[.init(handle: 1, type: 0, offset: 0, size: 64)]])
    try buffer.sync(.flushAndInvalidate, 0..<64, by: .dmaBuf, mapped: mapping)
    try buffer.sync(.flush, 0..<64, by: .userland, mapped: mapping)
    #expect(recorder.take() == [] && recorder.maintenance == ["clean 64"])
    // The dma-buf of the call is closed after it.
    #expect(bench.mock.usage.descriptors == 1)
    for method in SyncMethod.allCases {
      // The recorder accepts any range; the other methods check it.
      if method == .ioctl { continue }
      #expect(throws: DRMError.self) {
        try buffer.sync(.flush, 0..<4097, by: method, mapped: mapping)
      }
    }
  }

  @Test func driversRefuseTheirCallOnAnImport() throws {
    let mock = MockKernel([MockProfile(.panthor), MockProfile(.panfrost)])
    let kernel = Kernel.substitute(mock)
    let source = try DRMNode(path: "/dev/dri/renderD128", kernel: kernel)
    let node = try DRMNode(path: "/dev/dri/renderD129", kernel: kernel)
    let imported = try node.importBuffer(
      from: source.createBuffer(size: 4096, mapping: .writeBack).export())
    let mapping = try imported.map()
    let error = #expect(throws: DRMError.self) {
      try imported.sync(.flush, 0..<64, by: .ioctl, mapped: mapping)
    }
    #expect(error?.errno == .EINVAL)
    try imported.sync(.flush, 0..<64, by: .dmaBuf, mapped: mapping)
    var batch = SyncBatch()
    try batch.append(SyncOperation(.flush, 0..<64), onHandleOf: imported)
    let refused = #expect(throws: DRMError.self) { try node.sync(batch) }
    #expect(refused?.errno == .EINVAL)
  }

  private func duplicate(_ descriptor: CInt) -> CInt? {
    let copy = Kernel.host.duplicate(descriptor)
    return copy >= 0 ? copy : nil
  }
}
