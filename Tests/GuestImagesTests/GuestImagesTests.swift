// SPDX-License-Identifier: MIT

import GuestImages
import Testing

@Suite struct GuestImagesTests {
  private let machine = GuestMachine(memorySize: 512 << 20)

  @Test func registersLieInTheTopOfMemory() {
    #expect(machine.windowBase == 0x5f00_0000)
    let image = machine.registerImage().bytes
    #expect(image.count == 0x100_0000)
    #expect(word(image, 0x000000) == 0x7402_1000)
    #expect(word(image, 0x200000) == 0xa867_0005)
    #expect(word(image, 0x400000 + 0x100c) == 0x8000_0000)
    // The interrupt thread would never end if a raw status bit were set.
    #expect(word(image, 0x200000 + 0x1000) == 0)
  }

  @Test func everyGPUHasItsOwnRegistersAndInterrupts() {
    let interrupts = machine.gpus.flatMap { $0.firstInterrupt..<($0.firstInterrupt + 3) }
    #expect(Set(interrupts).count == interrupts.count)
    let source = machine.deviceTreeSource()
    #expect(source.components("dma-coherent;") == 3)  // two GPUs and the virtio transport
    #expect(source.components("mali-supply") == 2)
    for node in ["gpu@5f000000", "gpu@5f010000", "gpu@5f200000", "gpu@5f400000"] {
      #expect(source.components(node) == 1)
    }
  }

  @Test func firmwareAcknowledgesItself() {
    let file = Firmware.image().bytes
    #expect(word(file, 0) == 0xc3f1_3a6e)
    #expect(file.count == 64 + 0x10000)
    // Input and output of the global interface are one address, and so are each group's.
    #expect(word(file, 64 + 8) == word(file, 64 + 12))
    for group in 0..<4 {
      let base = 64 + 0x1000 * (group + 1)
      #expect(word(file, base + 4) == word(file, base + 8))
      #expect(word(file, base + 4) != 0)
    }
  }

  @Test func modelledFirmwareIsAnsweredElsewhere() {
    let file = Firmware.image(acknowledged: .byModel).bytes
    #expect(word(file, 64 + 12) == word(file, 64 + 8) + 0x400)
    for group in 0..<4 {
      let base = 64 + 0x1000 * (group + 1)
      #expect(word(file, base + 8) == word(file, base + 4) + 0x100)
    }
  }

  @Test func archiveHasWhatWasAdded() {
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
  func shellReadsWordsBack(_ word: String, _ quoted: String) {
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
