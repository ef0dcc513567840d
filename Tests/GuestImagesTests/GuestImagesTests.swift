// SPDX-License-Identifier: MIT

import GuestImages
import SoCLayout
import Testing

@Suite struct GuestImagesTests {
  private let machine = GuestMachine(memorySize: 512 << 20)

  @Test func registersAreInTheTopOfRAM() {
    #expect(machine.windowBase == 0x5f00_0000)
    let image = machine.registerImage().bytes
    #expect(image.count == 0x100_0000)
    #expect(word(image, 0x000000) == 0x7402_1000)
    #expect(word(image, 0x200000) == 0xa867_0005)
    #expect(word(image, 0x400000 + 0x100c) == 0x8000_0000)
    // A raw status bit would keep the driver's interrupt thread running.
    #expect(word(image, 0x200000 + 0x1000) == 0)
  }

  @Test func everyGPUHasItsOwnRegistersAndInterrupts() {
    let interrupts = machine.gpus.flatMap { $0.firstInterrupt..<($0.firstInterrupt + 3) }
    #expect(Set(interrupts).count == interrupts.count)
    let source = machine.deviceTreeSource()
    // Two GPUs and the two virtio transports.
    #expect(source.components("dma-coherent;") == 4)
    #expect(source.components("virtio@a000000") == 1 && source.components("virtio@a000200") == 1)
    #expect(source.components("reg = <0x0 0xa000200 0x0 0x200>;") == 1)
    #expect(source.components("interrupts = <0 17 1>;") == 1)
    #expect(source.components("mali-supply") == 2)
    for node in ["gpu@5f000000", "gpu@5f010000", "gpu@5f200000", "gpu@5f400000"] {
      #expect(source.components(node) == 1)
    }
  }

  /// Pins the layout that the SoC model and the images share to the addresses of earlier images.
  @Test func layoutHasItsAddresses() {
    #expect(machine.gpus.map(\.offset) == [0x00_0000, 0x01_0000, 0x20_0000, 0x40_0000])
    #expect(machine.gpus.map(\.firstInterrupt) == [100, 103, 106, 109])
    #expect(machine.gpus.map(\.registerSize) == [0x4000, 0x4000, 0x20_0000, 0x20_0000])
    #expect(machine.gpus.map(\.isCoherent) == [false, true, false, true])
    let image = machine.registerImage().bytes
    for (register, value) in [
      (SOC_GPU_MMU_FEATURES, 0x2830), (0x020, 0x2_0100), (0x100, 0x3), (0x110, 1), (0x120, 1),
      (0x140, 0x3), (0x160, 1), (0x0b4, 0xffff), (0x300, 1), (0x0c4, 0x1fe),
    ] as [(Int, UInt32)] {
      #expect(word(image, register) == value)
    }
    #expect(SOC_GPU_MMU_FEATURES == 0x014)
  }

  @Test func firmwareAcknowledgesItself() {
    let file = Firmware.image().bytes
    #expect(word(file, 0) == 0xc3f1_3a6e)
    #expect(file.count == 64 + 0x10000)
    // The global interface has one address for input and output, and so has each group.
    #expect(word(file, 64 + 8) == word(file, 64 + 12))
    for group in 0..<4 {
      let base = 64 + 0x1000 * (group + 1)
      #expect(word(file, base + 4) == word(file, base + 8))
      #expect(word(file, base + 4) != 0)
    }
  }

  @Test func modelledFirmwareHasSeparateOutputs() {
    let file = Firmware.image(acknowledged: .byModel).bytes
    #expect(word(file, 64 + 12) == word(file, 64 + 8) + 0x400)
    for group in 0..<4 {
      let base = 64 + 0x1000 * (group + 1)
      #expect(word(file, base + 8) == word(file, base + 4) + 0x100)
    }
  }

  @Test func archiveHasTheAddedFiles() {
    var archive = CPIOArchive()
    archive.addFile("a/b/c", Array("hello".utf8), isExecutable: true)
    archive.addFile("a/b/d", [])
    archive.finish()
    let text = String(decoding: archive.bytes, as: UTF8.self)
    #expect(text.hasPrefix("070701"))
    #expect(archive.bytes.count.isMultiple(of: 4))
    #expect(text.components("070701") == 5)
    for name in ["a\0", "a/b\0", "a/b/c\0", "a/b/d\0", "TRAILER!!!\0"] {
      #expect(text.contains(name))
    }
  }

  @Test(arguments: [("plain", "'plain'"), ("it's", "'it'\\''s'"), ("", "''"), ("a b$c", "'a b$c'")])
  func shellReadsQuotedWordsBack(_ word: String, _ quoted: String) {
    #expect(ShellWord.quoted(word) == quoted)
  }

  private func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << ($1 * 8) }
  }
}

extension String {
  fileprivate func components(_ part: String) -> Int {
    ranges(of: part).count
  }
}
