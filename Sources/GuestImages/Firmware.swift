// SPDX-License-Identifier: MIT

/// The file panthor loads as the GPU's firmware: an interface in shared memory, and no code.
///
/// The driver writes requests and waits for the same bits as acknowledgement. No processor runs here, so
/// either the interface acknowledges itself, or something outside the guest answers in its stead.
public enum Firmware {
  /// Who answers the driver's requests.
  public enum Acknowledgement: Hashable, Sendable {
    /// One address is input and output, so every request is acknowledged as it is made.
    case byItself
    /// Input and output are apart, for a model of the firmware that answers and raises events.
    case byModel

    /// How far the output of the global interface and of groups lies above their input.
    fileprivate var outputDistances: (global: UInt32, group: UInt32) {
      self == .byItself ? (0, 0) : (0x400, 0x100)
    }

    /// How much a suspended group takes; the model keeps the streams' registers there.
    fileprivate var suspendSize: UInt32 { self == .byItself ? 0x1000 : 0x2000 }
  }

  /// Where the driver looks for it, below `/lib/firmware`.
  public static let path = "arm/mali/arch10.8/mali_csffw.bin"

  // The shared section sits where the driver expects the interface.
  private static let sectionBase: UInt32 = 0x0400_0000
  private static let sectionSize = 0x10000
  private static let dataOffset = 64
  private static let groups = 4
  private static let streams = 8
  private static let groupStride = 0x1000
  private static let streamStride = 0x10

  /// The whole file.
  public static func image(acknowledged: Acknowledgement = .byItself) -> ByteImage {
    let headerSize: UInt32 = 20
    let entrySize: UInt32 = 24
    let isReadable: UInt32 = 1
    let isWritable: UInt32 = 2
    let isShared: UInt32 = 1 << 30
    var file = ByteImage(size: dataOffset + sectionSize)
    // Magic, version 0.0, a hash of no meaning, then how many bytes of entries there are.
    file.store(words: [0xc3f1_3a6e, 0, 0xfeed_f00d, 0, headerSize + entrySize], at: 0)
    // One entry of type 0: a section, the addresses it takes, and the bytes that fill it.
    file.store(
      words: [
        entrySize << 8, isReadable | isWritable | isShared, sectionBase,
        sectionBase + UInt32(sectionSize), UInt32(dataOffset), UInt32(dataOffset + sectionSize),
      ], at: Int(headerSize))
    file.store(interface(acknowledged), at: dataOffset)
    return file
  }

  private static func interface(_ acknowledgement: Acknowledgement) -> ByteImage {
    var section = ByteImage(size: sectionSize)
    let global = sectionBase + 0x400
    let distances = acknowledgement.outputDistances
    // Version 1.1, features, input, output, groups and the distance between them.
    section.store(
      words: [
        0x0101_0000, 0, global, global + distances.global, UInt32(groups), UInt32(groupStride),
      ], at: 0)
    for group in 0..<groups {
      let base = 0x1000 + group * groupStride
      let words = sectionBase + UInt32(base) + 0x200
      // Features, input, output, the two suspend buffers' sizes, streams and the distance between them.
      section.store(
        words: [
          0, words, words + distances.group, acknowledgement.suspendSize, 0x1000, UInt32(streams),
          UInt32(streamStride),
        ], at: base)
      for stream in 0..<streams {
        // Compute, fragment and tiler; 8 scoreboards; 96 registers.
        let features: UInt32 = 7 << 16 | 8 << 8 | 95
        let inputs = sectionBase + UInt32(base + 0x400 + stream * 0x80)
        let outputs = sectionBase + UInt32(base + 0x800 + stream * 0x100)
        section.store(
          words: [features, inputs, outputs], at: base + 0x40 + stream * streamStride)
      }
    }
    return section
  }
}
