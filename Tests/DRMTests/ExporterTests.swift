// SPDX-License-Identifier: MIT

import DRM
import DRMKernel
import MockDRM
import TestSupport
import Testing

/// Memory of exporters that are not Mali drivers.
@Suite struct ExporterTests {
  private let mock = MockKernel([
    MockProfile(.panthor, hasHeap: true), MockProfile(.vgem), MockProfile(.powervr),
  ])
  private var kernel: Kernel { .substitute(mock) }

  private func kernel(_ mapsIntoProcess: Bool) -> Kernel {
    mapsIntoProcess ? kernel : .substitute(RemoteMappingKernel(kernel))
  }

  @Test(arguments: [true, false])
  func heapMemoryIsSharedAndSyncedForItsImporters(_ mapsIntoProcess: Bool) throws {
    do {
      let kernel = kernel(mapsIntoProcess)
      let dmaBuf = try DMAHeap(kernel: kernel).allocate(size: 5000)
      #expect(try dmaBuf.size() == 8192)
      let node = try DRMNode(path: "/dev/dri/renderD128", kernel: kernel)
      let imported = try node.importBuffer(from: dmaBuf)
      var bytes = try dmaBuf.map()
      try bytes.store(7 as UInt32, at: 64)
      #expect(try imported.map(.read).load(UInt32.self, at: 64) == 7)
      try dmaBuf.beginAccess(.read)
      try dmaBuf.endAccess(.write)
      // The import cleans twice: the heap's DMA mapping, and the client's flush. beginAccess flushes before its
      // START invalidates, and END cleans.
      #expect(
        mock.maintenance(atNode: "/dev/dri/renderD128")?.map(\.action)
          == [.clean, .clean, .clean, .invalidate, .clean])
    }
    #expect(mock.usage == .none)
  }

  /// Drivers at versions that report whose memory a BO is, and at versions that do not.
  static let versions: [(MockProfile.Driver, Int)] = [
    (.panthor, 0), (.panthor, 6), (.panthor, 9), (.panfrost, 0), (.panfrost, 5), (.panfrost, 6),
  ]

  @Test(arguments: versions)
  func foreignMemoryIsSyncedByItsExporterOnEveryVersion(
    _ driver: MockProfile.Driver, _ minor: Int
  ) throws {
    let mock = MockKernel([MockProfile(driver, minor: minor, hasHeap: true)])
    func maintenance() -> [MaintenanceRecord.Action] {
      mock.maintenance(atNode: "/dev/dri/renderD128")?.map(\.action) ?? []
    }
    let kernel = Kernel.substitute(mock)
    do {
      let node = try DRMNode(path: "/dev/dri/renderD128", kernel: kernel)
      let isReported = node.features.contains(.bufferQuery)
      let heap = try DMAHeap(kernel: kernel).allocate(size: 4096)
      let imported = try node.importBuffer(from: heap)
      #expect(imported.isImported == (isReported ? true : nil))
      #expect(maintenance() == [.clean, .clean])
      try imported.sync(.flush, 0..<64)
      #expect(maintenance().dropFirst(2) == [.clean])
      try imported.sync(.flushAndInvalidate, 0..<64)
      // The END of the read cleans too: the heap syncs for its importers in every direction.
      #expect(maintenance().dropFirst(3) == [.clean, .invalidate, .clean])
      var bytes = try heap.map()
      try imported.withAccess(.readWrite, 0..<64, through: &bytes) { bytes in
        bytes.storeBytes(of: 1, toByteOffset: 0, as: UInt8.self)
      }
      #expect(maintenance().dropFirst(6) == [.clean, .invalidate, .clean])
      // A BO of the node itself comes back as such on every version.
      let own = try node.createBuffer(size: 4096)
      let again = try node.importBuffer(from: own.export())
      #expect(again.isImported == false && again.handle == own.handle)
    }
    #expect(mock.usage == .none)
  }

  @Test func anOldDriverCannotTellWhoseMemoryAnotherFileExported() throws {
    let mock = MockKernel([MockProfile(.panthor, minor: 6)])
    let kernel = Kernel.substitute(mock)
    do {
      let first = try DRMNode(path: "/dev/dri/renderD128", kernel: kernel)
      let second = try DRMNode(path: "/dev/dri/renderD128", kernel: kernel)
      let dmaBuf = try first.createBuffer(size: 4096).export()
      let imported = try second.importBuffer(from: dmaBuf)
      #expect(imported.isImported == nil)
      // Its memory is WC: there is nothing to maintain, and no call is refused.
      try imported.sync(.flushAndInvalidate, 0..<64)
      // A handle that was created, closed and given to an import is not taken for the created one.
      let own = try second.createBuffer(size: 4096)
      let number = own.handle
      try own.close()
      let other = try second.importBuffer(from: first.createBuffer(size: 4096).export())
      #expect(other.handle == number && other.isImported == nil)
    }
    #expect(mock.usage == .none)
  }

  @Test(arguments: [true, false])
  func udmabufIsTheFilesOwnMemory(_ mapsIntoProcess: Bool) throws {
    do {
      let kernel = kernel(mapsIntoProcess)
      let file = try MemoryFile(size: 16384)
      let dmaBuf = try UDMABufDevice(kernel: kernel).makeDMABuf(of: file, 4096..<12288)
      let another = try UDMABufDevice(kernel: kernel).makeDMABuf(of: file, 4096..<8192)
      var bytes = try dmaBuf.map()
      try bytes.store(9 as UInt16, at: 10)
      #expect(try another.map(.read).load(UInt16.self, at: 10) == 9)
      let refused = #expect(throws: DRMError.self) {
        _ = try UDMABufDevice(kernel: kernel).makeDMABuf(of: file, 4096..<20480)
      }
      #expect(refused?.errno == .EINVAL)
    }
    #expect(mock.usage == .none)
  }

  @Test func missingExporterIsReportedByItsPath() {
    let without = Kernel.substitute(MockKernel([MockProfile(.panthor)]))
    let error = #expect(throws: DRMError.self) { _ = try DMAHeap(kernel: without) }
    #expect(error?.errno == .ENOENT)
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("/dev/dma_heap/system"))
  }

  @Test func dumbBuffersAreMadeOnThePrimaryNode() throws {
    let render = try DRMNode(path: "/dev/dri/renderD129", kernel: kernel)
    #expect(render.needsPrimaryNode == true)
    let refused = #expect(throws: DRMError.self) { _ = try render.createBuffer(size: 4096) }
    #expect(refused?.errno == .EACCES)
    let primary = try DRMNode(path: "/dev/dri/card1", kernel: kernel)
    let dumb = try primary.createDumbBuffer(width: 10, height: 3, bitsPerPixel: 24)
    #expect(dumb.pitch == 30 && dumb.buffer.size == 4096)
    #expect(try primary.createBuffer(size: 4097).size == 8192)
    let mali = try DRMNode(path: "/dev/dri/renderD128", kernel: kernel)
    let missing = #expect(throws: DRMError.self) {
      _ = try mali.createDumbBuffer(width: 10, height: 3, bitsPerPixel: 24)
    }
    #expect(missing?.errno == nil)
  }

  @Test func powerVRHasACaveat() throws {
    let node = try DRMNode(path: "/dev/dri/renderD130", kernel: kernel)
    #expect(node.caveat?.contains("source alone") == true)
    #expect(try node.createBuffer(size: 1).size == 4096)
    let secret = try node.createBuffer(size: 4096, mapping: .none, options: .firmwareOnly)
    #expect(#expect(throws: DRMError.self) { _ = try secret.export() }?.errno == .EPERM)
    let heap = #expect(throws: DRMError.self) {
      _ = try node.createBuffer(size: 4096, options: .heap)
    }
    #expect(heap?.errno == nil)
  }
}
