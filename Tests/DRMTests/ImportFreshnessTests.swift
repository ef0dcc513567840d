// SPDX-License-Identifier: MIT

import DRM
import DRMKernel
import MockDRM
import Testing

/// Bytes that CPU and device exchange through an import, under every choice of the mock's caches.
@Suite struct ImportFreshnessTests {
  /// Drivers at versions that report whose memory a BO is, and at versions that do not; coherent and not.
  static let importers = ExporterTests.versions.flatMap { driver, minor in
    [false, true].map { MockProfile(driver, minor: minor, isCoherent: $0) }
  }

  @Test(arguments: importers)
  func everyAccessOfAnImportIsFresh(_ importer: MockProfile) throws {
    let all = Choices.all(for: importer)
    for choices in all {
      let bench = ImportBench(importer, choices)
      for exporter in ForeignExporter.allCases {
        let stale = try bench.staleExchanges(of: exporter, by: ImportAccess.allCases)
        #expect(stale.isEmpty, "\(exporter): \(stale), \(choices)")
      }
      #expect(bench.mock.usage == .none)
    }
    #expect(all.count == 27)
  }

  /// The syncs of the client are what makes the bytes fresh: without them the strictest caches show stale ones.
  @Test(arguments: importers, JobTiming.allCases)
  func withoutTheClientsSyncsBytesAreStale(_ importer: MockProfile, _ jobs: JobTiming) throws {
    let bench = ImportBench(importer, Choices(caches: CachePolicy(), jobs: jobs))
    for exporter in ForeignExporter.allCases {
      let stale = try bench.staleExchanges(of: exporter, by: [nil])
      #expect(stale == (importer.isCoherent ? [] : exporter.expectedStale), "\(exporter)")
    }
  }
}

/// Exporters whose memory is foreign to the importing device.
enum ForeignExporter: CaseIterable {
  /// A BO of another Mali driver, mapped write-back.
  case otherGPU
  /// The same, of a device that snoops.
  case coherentGPU
  case vgem
  case udmabuf
  case systemHeap

  /// What can be stale without syncs on a device that does not snoop.
  fileprivate var expectedStale: Set<ImportExchange> {
    switch self {
    // Its memory is mapped write-combining.
    case .vgem: []
    // The heap cleans when an import maps its memory.
    case .systemHeap: [.toDevice, .fromDevice]
    case .otherGPU, .coherentGPU, .udmabuf: [.firstUse, .toDevice, .fromDevice]
    }
  }
}

/// The calls of the client for accesses by the CPU.
enum ImportAccess: CaseIterable {
  /// ``BufferObject/withAccess(_:_:through:_:)``, through a mapping of the dma-buf.
  case access
  /// The same, through a mapping of the import.
  case accessOfImport
  /// ``BufferObject/sync(_:_:)``.
  case sync
  /// ``DMABuf/withAccess(_:through:_:)``.
  case dmaBuf
}

/// One transfer between CPU and device.
enum ImportExchange: Hashable {
  /// The CPU writes before the import, and the device reads after it.
  case firstUse
  case toDevice
  case fromDevice
}

/// Choices of caches and job times.
private struct Choices: CustomTestStringConvertible {
  let caches: CachePolicy
  let jobs: JobTiming

  var testDescription: String {
    "evict \(caches.evict), fill \(caches.fill), invalidate \(caches.invalidate), line "
      + "\(caches.lineSize), jobs \(jobs)"
  }

  /// Returns every choice of the caches; drivers at odd minors have the other job timing for each.
  static func all(for importer: MockProfile) -> [Choices] {
    var all: [Choices] = []
    for evict in [.never, .always, .seeded(1)] as [CacheChoice] {
      for fill in [.never, .always, .seeded(2)] as [CacheChoice] {
        for invalidate in [.lose, .writeBack, .seeded(3)] as [InvalidationChoice] {
          let caches = CachePolicy(
            evict: evict, fill: fill, invalidate: invalidate,
            lineSize: [32, 64, 128][(all.count / 3 + all.count) % 3])
          let jobs = JobTiming.allCases[(all.count + importer.minor) % 2]
          all.append(Choices(caches: caches, jobs: jobs))
        }
      }
    }
    return all
  }
}

/// A machine with an importing device and every kind of foreign exporter.
private struct ImportBench {
  let mock: MockKernel
  private let isPanthor: Bool

  private static let size: UInt64 = 4096
  private static let address: UInt64 = 1 << 30

  init(_ importer: MockProfile, _ choices: Choices) {
    isPanthor = importer.driver == .panthor
    let other = isPanthor ? MockProfile.Driver.panfrost : .panthor
    mock = MockKernel([
      MockProfile(
        importer.driver, minor: importer.minor, isCoherent: importer.isCoherent, hasHeap: true,
        caches: choices.caches, jobs: choices.jobs),
      MockProfile(other), MockProfile(other, isCoherent: true), MockProfile(.vgem),
    ])
  }

  /// Returns a dma-buf of an exporter.
  private func export(_ exporter: ForeignExporter) throws -> DMABuf {
    let kernel = Kernel.substitute(mock)
    switch exporter {
    case .otherGPU:
      return try DRMNode(path: "/dev/dri/renderD129", kernel: kernel)
        .createBuffer(size: Self.size, mapping: .writeBack).export()
    case .coherentGPU:
      return try DRMNode(path: "/dev/dri/renderD130", kernel: kernel)
        .createBuffer(size: Self.size, mapping: .writeBack).export()
    case .vgem:
      return try DRMNode(path: "/dev/dri/card3", kernel: kernel)
        .createBuffer(size: Self.size).export()
    case .udmabuf:
      return try UDMABufDevice(kernel: kernel)
        .makeDMABuf(of: MemoryFile(size: Self.size), 0..<Self.size)
    case .systemHeap: return try DMAHeap(kernel: kernel).allocate(size: Self.size)
    }
  }

  /// Makes exchanges of each kind, and returns the kinds in which bytes were stale.
  ///
  /// - Parameter ways: the calls of the client; nil leaves out all syncs.
  func staleExchanges(
    of exporter: ForeignExporter, by ways: [ImportAccess?]
  ) throws -> Set<ImportExchange> {
    let node = try DRMNode(path: "/dev/dri/renderD128", kernel: .substitute(mock))
    let dmaBuf = try export(exporter)
    var mapping = try dmaBuf.map()
    var stale: Set<ImportExchange> = []
    try store(Self.bytes(0), through: &mapping)
    let imported =
      ways == [nil]
      ? try node.importUnprepared(from: dmaBuf) : try node.importBuffer(from: dmaBuf)
    let vm = isPanthor ? try node.createVM() : nil
    try vm?.map(0..<Self.size, of: imported, at: Self.address)
    if try deviceReads(imported, on: node) != Self.bytes(0) { stale.insert(.firstUse) }
    var own = try imported.map()
    // In the second round of each way, CPU and device have both read the line.
    for (round, way) in (ways + ways).enumerated() {
      let down = Self.bytes(2 * round + 1)
      let up = Self.bytes(2 * round + 2)
      func exchange(through mapping: inout BufferMapping) throws {
        try write(down, to: imported, dmaBuf, through: &mapping, by: way)
        if try deviceReads(imported, on: node) != down { stale.insert(.toDevice) }
        _ = try read(imported, dmaBuf, through: &mapping, by: way)
        try deviceWrites(up, to: imported, on: node)
        if try read(imported, dmaBuf, through: &mapping, by: way) != up {
          stale.insert(.fromDevice)
        }
      }
      if way == .accessOfImport {
        try exchange(through: &own)
      } else {
        try exchange(through: &mapping)
      }
    }
    return stale
  }

  /// Bytes that differ in each exchange.
  private static func bytes(_ number: Int) -> [UInt8] {
    (0..<128).map { UInt8(truncatingIfNeeded: $0 + number * 29 + 1) }
  }

  /// Whole cache lines.
  private static let range: Range<UInt64> = 512..<640
}

/// The two sides of an exchange.
extension ImportBench {
  private func store(
    _ bytes: [UInt8], through mapping: inout BufferMapping
  ) throws {
    try mapping.store(bytes, at: Self.range.lowerBound)
    mapping.markWritten(Self.range, in: mock)
  }

  private func load(_ mapping: borrowing BufferMapping) throws -> [UInt8] {
    mapping.markRead(Self.range, in: mock)
    return try mapping.withBytes(in: Self.range) { bytes in
      bytes.byteOffsets.map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
  }

  private func write(
    _ bytes: [UInt8], to imported: borrowing BufferObject, _ dmaBuf: borrowing DMABuf,
    through mapping: inout BufferMapping, by way: ImportAccess?
  ) throws {
    func fill(_ span: inout MutableRawSpan, from start: Int) {
      for (index, byte) in bytes.enumerated() {
        span.storeBytes(of: byte, toByteOffset: start + index, as: UInt8.self)
      }
    }
    switch way {
    case nil: try store(bytes, through: &mapping)
    case .sync:
      try store(bytes, through: &mapping)
      try imported.sync(.flush, Self.range)
    case .access, .accessOfImport:
      try imported.withAccess(.write, Self.range, through: &mapping) { fill(&$0, from: 0) }
    case .dmaBuf:
      try dmaBuf.withAccess(.write, through: &mapping) {
        fill(&$0, from: Int(Self.range.lowerBound))
      }
    }
  }

  private func read(
    _ imported: borrowing BufferObject, _ dmaBuf: borrowing DMABuf,
    through mapping: inout BufferMapping, by way: ImportAccess?
  ) throws -> [UInt8] {
    func bytes(of span: borrowing MutableRawSpan, from start: Int) -> [UInt8] {
      (start..<start + Self.range.count).map {
        unsafe span.bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
      }
    }
    switch way {
    case nil: return try load(mapping)
    case .sync:
      try imported.sync(.flushAndInvalidate, Self.range)
      return try load(mapping)
    case .access, .accessOfImport:
      return try imported.withAccess(.read, Self.range, through: &mapping) {
        bytes(of: $0, from: 0)
      }
    case .dmaBuf:
      return try dmaBuf.withAccess(.read, through: &mapping) {
        bytes(of: $0, from: Int(Self.range.lowerBound))
      }
    }
  }

  private func deviceReads(
    _ imported: borrowing BufferObject, on node: borrowing DRMNode
  ) throws -> [UInt8]? {
    try run(ModelledJob.Access(handle: imported.handle.rawValue, range: Self.range), on: node)
  }

  private func deviceWrites(
    _ bytes: [UInt8], to imported: borrowing BufferObject, on node: borrowing DRMNode
  ) throws {
    _ = try run(
      ModelledJob.Access(handle: imported.handle.rawValue, range: Self.range, writing: bytes),
      on: node)
  }

  /// Runs a job to its end, and returns what it read.
  private func run(
    _ access: ModelledJob.Access, on node: borrowing DRMNode
  ) throws -> [UInt8]? {
    let job = mock.submit(
      ModelledJob(descriptor: node.descriptor, queue: 0, accesses: [access]))
    try #require(job >= 0)
    mock.wait(for: job)
    return mock.takeReads().last?.bytes
  }
}
