// SPDX-License-Identifier: MIT

import DRMKernel
import Testing

@testable import Devices

/// Trace lines of Linux 7.3.
@Suite struct DMATraceTests {
  private static let map =
    " gemsync-76 [000] ..... 9.1: dma_map_sg: 5f000000.gpu dir=BIDIRECTIONAL nents=2/2 ents=2/2 "
    + "dma_addrs={0x4a010000,0x4a030000} sizes={0x1000,0x2000} phys_addrs={0x4a010000,0x4a030000} "
    + "attrs="

  @Test func mappingCleansUnlessItIsSkipped() {
    var reader = DMATraceReader(nodes: ["5f000000.gpu": "/dev/dri/renderD128"])
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

  @Test(arguments: [
    ("CPU:2 [LOST 37 EVENTS]", 37), ("CPU:0 [LOST EVENTS]", 1), ("CPU:11 [LOST 0 EVENTS]", 1),
    (" x [LOST 37 EVENTS]", 0), ("CPU:2 [LOST 37 EVENTS] dma_map_sg:", 0), ("", 0),
    ("CPU:2 [LOST x EVENTS]", 1),
  ])
  func lostEventsAreCountedUntilTheNextStart(_ line: String, _ count: Int) {
    var reader = mapped()
    #expect(reader.read(line[...]) == [] && reader.lostEvents == count)
    _ = reader.read(single("for_device", "TO_DEVICE", address: "4a030040", size: 64))
    #expect(reader.lostEvents == count)
    reader.forget()
    #expect(reader.lostEvents == 0)
  }

  @Test func whatIsNoBOIsLeftOut() {
    var reader = mapped()
    // The address of a page table, another device, another event, and lines without an event.
    #expect(
      reader.read(single("for_device", "TO_DEVICE", address: "4b000000", size: 8)) == [])
    let other = single("for_device", "TO_DEVICE", address: "4a010000", size: 8)
    #expect(reader.read(Substring(other.replacing("5f000000", with: "5f200000"))) == [])
    #expect(reader.read(" x: dma_alloc: 5f000000.gpu dir=TO_DEVICE") == [])
    #expect(reader.read("# tracer: nop") == [])
    #expect(reader.read("dma_map_sg:") == [])
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
    var reader = DMATraceReader(nodes: ["5f000000.gpu": "/dev/dri/renderD128"])
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
