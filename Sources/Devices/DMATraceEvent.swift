// SPDX-License-Identifier: MIT

/// An event of the DMA API in a trace buffer: `include/trace/events/dma.h`.
struct DMATraceEvent {
  /// Such as `dma_sync_single_for_device`.
  let name: String
  /// The device's name in sysfs.
  let device: String
  /// `TO_DEVICE`, `FROM_DEVICE` or `BIDIRECTIONAL`.
  let direction: String
  /// The DMA addresses, and the number of bytes at each.
  let segments: [(address: UInt64, size: UInt64)]
  /// The physical addresses, for an event that has no DMA addresses.
  let physical: [UInt64]
  /// Whether the caller syncs by itself: `DMA_ATTR_SKIP_CPU_SYNC`.
  let skipsSync: Bool
  /// Whether the line has what its event is about.
  ///
  /// Newer kernels leave out the segments after the first 128.
  let isWhole: Bool

  /// More than a BO can have.
  private static let mostBytes: UInt64 = 1 << 40

  /// Reads a line of the buffer; nil for a line without such an event.
  ///
  /// Example: `... dma_sync_single_for_cpu: 5f000000.gpu dir=FROM_DEVICE dma_addr=4a001000 size=64`.
  init?(_ line: Substring) {
    let words = line.split(separator: " ", omittingEmptySubsequences: true)
    guard let place = words.firstIndex(where: { $0.hasPrefix("dma_") && $0.hasSuffix(":") }),
      place + 1 < words.count
    else { return nil }
    name = String(words[place].dropLast())
    device = String(words[place + 1])
    var fields: [Substring: Substring] = [:]
    for word in words[(place + 2)...] {
      guard let equals = word.firstIndex(of: "=") else { continue }
      fields[word[..<equals]] = word[word.index(after: equals)...]
    }
    direction = String(fields["dir"] ?? "")
    skipsSync = fields["attrs"]?.contains("SKIP_CPU_SYNC") ?? false
    physical = Self.numbers(fields["phys_addrs"])
    let addresses: [UInt64]
    let sizes: [UInt64]
    if let address = fields["dma_addr"] {
      addresses = Self.numbers(address)
      sizes = fields["size"].flatMap { UInt64($0) }.map { [$0] } ?? []
    } else {
      addresses = Self.numbers(fields["dma_addrs"])
      sizes = Self.numbers(fields["sizes"])
    }
    segments = zip(addresses, sizes).map { ($0, $1) }
    isWhole =
      !words.contains("[TRUNCATED]") && addresses.count == sizes.count
      && sizes.allSatisfy { $0 <= Self.mostBytes }
      && !(name == "dma_unmap_sg" ? physical.isEmpty : segments.isEmpty)
  }

  /// Reads hexadecimal numbers: `{0x1000,0x2000}` or `1000`.
  private static func numbers(_ text: Substring?) -> [UInt64] {
    (text ?? "").split { "{},".contains($0) }.compactMap { word in
      UInt64(word.hasPrefix("0x") ? word.dropFirst(2) : word, radix: 16)
    }
  }
}
