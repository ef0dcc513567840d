// SPDX-License-Identifier: MIT

import DRMKernel
import Testing

@testable import Devices

/// Trace lines of Linux 7.3.
@Suite struct DMATraceReaderTests {
  private static let map =
    " gemsync-76 [000] ..... 9.1: dma_map_sg: 5f000000.gpu dir=BIDIRECTIONAL nents=2/2 ents=2/2 "
    + "dma_addrs={0x4a010000,0x4a030000} sizes={0x1000,0x2000} phys_addrs={0x4a010000,0x4a030000} "
    + "attrs="

  @Test func mappingCleansUnlessItIsSkipped() {
    var reader = DMATraceReader(devices: ["5f000000.gpu": "/dev/dri/renderD128"])
    #expect(
      reader.read(Self.map[...]) == [record(.clean, 0..<0x1000), record(.clean, 0x1000..<0x3000)])
    #expect(reader.read((Self.map + "SKIP_CPU_SYNC")[...]) == [])
  }

  @Test func syncsAreTranslatedToBytesOfTheBO() {
    var reader = mapped()
    #expect(
      reader.read(single("for_device", "TO_DEVICE", address: "4a030040", size: 64))
        == [record(.clean, 0x1040..<0x1080)])
    #expect(
      reader.read(single("for_cpu", "FROM_DEVICE", address: "4a010003", size: 5))
        == [record(.invalidate, 3..<8)])
    #expect(
      reader.read(single("for_cpu", "TO_DEVICE", address: "4a010003", size: 5)) == [])
    let list =
      " x: dma_sync_sg_for_cpu: 5f000000.gpu dir=BIDIRECTIONAL dma_addrs={0x4a010000,0x4a030000} "
      + "sizes={0x1000,0x2000}"
    #expect(
      reader.read(list[...])
        == [record(.invalidate, 0..<0x1000), record(.invalidate, 0x1000..<0x3000)])
  }

  /// A line without what its event is about, and a list whose mapping is unknown.
  @Test(arguments: [
    " x: dma_map_sg: 5f000000.gpu dir=TO_DEVICE nents=128/256 ents=128/256 [TRUNCATED] "
      + "dma_addrs={0x5000} sizes={0x1000} phys_addrs={0x5000} attrs=",
    " x: dma_map_sg: 5f000000.gpu dir=TO_DEVICE dma_addrs={0x5000,0x7000} sizes={0x1000} attrs=",
    " x: dma_map_sg: 5f000000.gpu dir=TO_DEVICE phys_addrs={0x5000} attrs=",
    " x: dma_map_sg: 5f000000.gpu dir=TO_DEVICE dma_addrs={0x5000} sizes={0xffffffffffffffff}",
    " x: dma_unmap_sg: 5f000000.gpu dir=TO_DEVICE attrs=",
    " x: dma_sync_single_for_device: 5f000000.gpu dir=TO_DEVICE",
    " x: dma_sync_single_for_cpu: 5f000000.gpu dir=FROM_DEVICE dma_addr=4a010000 size=all",
    " x: dma_sync_single_for_cpu: 5f000000.gpu dir=FROM_DEVICE dma_addr=ffffffffffffffff size=99999999999999",
    " x: dma_sync_sg_for_cpu: 5f000000.gpu dir=BIDIRECTIONAL dma_addrs={0x4b000000} sizes={0x1000}",
    "[LINE TOO BIG]", " x: dma_map_sg: 5f000000[LINE TOO BIG]",
  ])
  func anEventThatIsNotWholeIsCounted(_ line: String) {
    var reader = mapped()
    _ = reader.read(line[...])
    #expect(reader.unreadEvents == 1)
    _ = reader.read(single("for_device", "TO_DEVICE", address: "4a030040", size: 64))
    #expect(reader.unreadEvents == 1)
  }

  /// A page of a BO whose removal was not traced serves as a page table later.
  @Test(arguments: ["page", "phys"]) func aNewMappingHidesAnOldOne(_ kind: String) {
    var reader = mapped()
    let table = single("for_device", "TO_DEVICE", address: "4a030040", size: 8)
    let map = " x: dma_map_\(kind): 5f000000.gpu dir=TO_DEVICE dma_addr=4a030000 size=4096 attrs="
    #expect(reader.read(map[...]) == [] && reader.read(table) == [])
    let unmap =
      " x: dma_unmap_\(kind): 5f000000.gpu dir=TO_DEVICE dma_addr=4a030000 size=4096 attrs="
    #expect(reader.read(unmap[...]) == [])
    #expect(reader.read(table) == [record(.clean, 0x1040..<0x1048)])
    #expect(reader.unreadEvents == 0)
  }

  @Test func whatIsNoBOIsLeftOut() {
    var reader = mapped()
    // The address of a page table, another device, another event, and lines without an event.
    #expect(
      reader.read(single("for_device", "TO_DEVICE", address: "4b000000", size: 8)) == [])
    let other = single("for_device", "TO_DEVICE", address: "4a010000", size: 8)
    #expect(reader.read(Substring(other.replacing("5f000000", with: "5f200000"))) == [])
    #expect(reader.read(" x: dma_alloc: 5f000000.gpu dir=TO_DEVICE") == [])
    let disk = Self.map.replacing("5f000000.gpu", with: "fe310000.mmc")
    #expect(reader.read(Substring(disk + " [TRUNCATED]")) == [])
    #expect(reader.read("# tracer: nop") == [])
    #expect(reader.read("dma_map_sg:") == [])
    #expect(reader.unreadEvents == 0)
  }

  @Test func unmappedBOIsForgotten() {
    var reader = mapped()
    let unmap =
      " x: dma_unmap_sg: 5f000000.gpu dir=BIDIRECTIONAL phys_addrs={0x4a010000,0x4a030000} attrs="
    #expect(
      reader.read(unmap[...])
        == [record(.invalidate, 0..<0x1000), record(.invalidate, 0x1000..<0x3000)])
    #expect(
      reader.read(single("for_device", "TO_DEVICE", address: "4a030040", size: 64)) == [])
  }

  private func mapped() -> DMATraceReader {
    var reader = DMATraceReader(devices: ["5f000000.gpu": "/dev/dri/renderD128"])
    _ = reader.read((Self.map + "SKIP_CPU_SYNC")[...])
    return reader
  }

  private func single(
    _ event: String, _ direction: String, address: String, size: Int
  ) -> Substring {
    Substring(
      " x: dma_sync_single_\(event): 5f000000.gpu dir=\(direction) dma_addr=\(address) size=\(size)"
    )
  }

  private func record(
    _ action: MaintenanceRecord.Action, _ range: Range<UInt64>
  ) -> MaintenanceRecord {
    MaintenanceRecord(action: action, device: "/dev/dri/renderD128", buffer: 1, range: range)
  }
}
