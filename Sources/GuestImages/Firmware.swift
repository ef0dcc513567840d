// SPDX-License-Identifier: MIT

import SoCLayout

/// The file that panthor loads as the GPU's firmware: an interface in shared memory, without code.
///
/// The driver sets request bits and waits until the acknowledgement has the same bits. No processor runs
/// here: either the interface acknowledges itself, or the SoC model outside the guest does.
public enum Firmware {
  /// How the driver's requests are acknowledged.
  public enum Acknowledgement: Hashable, Sendable {
    /// Input and output have one address, so that a request acknowledges itself.
    case byItself
    /// Input and output have different addresses: the SoC model acknowledges requests and raises events.
    case byModel

    /// The distance from input to output of the global interface, and of a group.
    fileprivate var outputDistances: (global: UInt32, group: UInt32) {
      self == .byItself ? (0, 0) : (0x400, 0x100)
    }

    /// The size of a group's suspend buffer, where the model keeps the state of its streams.
    fileprivate var suspendSize: UInt32 {
      self == .byItself ? 0x1000 : UInt32(SOC_FW_SUSPEND_SIZE)
    }
  }

  /// The file's path below `/lib/firmware`.
  public static let path = "arm/mali/arch10.8/mali_csffw.bin"

  // The address where the driver expects the shared section with the interface.
  private static let sectionBase = UInt32(SOC_FW_BASE)
  private static let sectionSize = SOC_FW_SIZE
  private static let dataOffset = 64
  private static let groupStride = 0x1000

  /// Returns the whole file.
  public static func image(acknowledged: Acknowledgement = .byItself) -> ByteImage {
    let headerSize: UInt32 = 20
    let entrySize: UInt32 = 24
    let isReadable: UInt32 = 1
    let isWritable: UInt32 = 2
    let isShared: UInt32 = 1 << 30
    var file = ByteImage(size: dataOffset + sectionSize)
    // Magic, version 0.0, an arbitrary hash, padding, and the size of header and entries.
    file.store(words: [0xc3f1_3a6e, 0, 0xfeed_f00d, 0, headerSize + entrySize], at: 0)
    // One entry of type 0: a section, with its address range and the range of its data in the file.
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
    let input = sectionBase + 0x400
    section.store(0x0101_0000 as UInt32, at: SOC_FW_VERSION)
    section.store(input, at: SOC_FW_INPUT)
    section.store(input + acknowledgement.outputDistances.global, at: SOC_FW_OUTPUT)
    section.store(UInt32(SOC_FW_GROUPS), at: SOC_FW_GROUP_COUNT)
    section.store(UInt32(groupStride), at: SOC_FW_GROUP_STRIDE)
    for group in 0..<SOC_FW_GROUPS {
      let base = SOC_FW_FIRST_GROUP + group * groupStride
      storeGroup(acknowledgement, at: base, in: &section)
      for stream in 0..<SOC_FW_STREAMS {
        storeStream(stream, ofGroupAt: base, in: &section)
      }
    }
    return section
  }

  private static func storeGroup(
    _ acknowledgement: Acknowledgement, at base: Int, in section: inout ByteImage
  ) {
    let input = sectionBase + UInt32(base) + 0x200
    section.store(input, at: base + SOC_FW_GROUP_INPUT)
    section.store(
      input + acknowledgement.outputDistances.group, at: base + SOC_FW_GROUP_OUTPUT)
    section.store(acknowledgement.suspendSize, at: base + SOC_FW_GROUP_SUSPEND_SIZE)
    section.store(0x1000 as UInt32, at: base + SOC_FW_GROUP_PROTECTED_SUSPEND_SIZE)
    section.store(UInt32(SOC_FW_STREAMS), at: base + SOC_FW_GROUP_STREAM_COUNT)
    section.store(UInt32(SOC_FW_STREAM_STRIDE), at: base + SOC_FW_GROUP_STREAM_STRIDE)
  }

  private static func storeStream(
    _ stream: Int, ofGroupAt base: Int, in section: inout ByteImage
  ) {
    // Compute, fragment and tiler jobs.
    let features: UInt32 =
      7 << 16 | UInt32(SOC_FW_SCOREBOARDS) << 8 | UInt32(SOC_FW_STREAM_REGISTERS - 1)
    let block = base + SOC_FW_FIRST_STREAM + stream * SOC_FW_STREAM_STRIDE
    section.store(features, at: block + SOC_FW_STREAM_FEATURES)
    section.store(
      sectionBase + UInt32(base + 0x400 + stream * 0x80), at: block + SOC_FW_STREAM_INPUT)
    section.store(
      sectionBase + UInt32(base + 0x800 + stream * 0x100), at: block + SOC_FW_STREAM_OUTPUT)
  }
}
