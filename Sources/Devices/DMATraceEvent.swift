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
    if let address = fields["dma_addr"], let size = fields["size"] {
      segments = zip(Self.numbers(address), [UInt64(size) ?? 0]).map { ($0, $1) }
    } else {
      segments = zip(Self.numbers(fields["dma_addrs"]), Self.numbers(fields["sizes"]))
        .map { ($0, $1) }
    }
  }

  /// Returns the number of events whose loss a line reports: `CPU:2 [LOST 37 EVENTS]`, or `[LOST EVENTS]`
  /// where the kernel does not know the number.
  static func losses(in line: Substring) -> Int {
    let words = line.split(separator: " ")
    guard let first = words.first, first.hasPrefix("CPU:"), words.dropFirst().first == "[LOST",
      words.last == "EVENTS]"
    else { return 0 }
    return words.count == 4 ? max(1, Int(words[2]) ?? 1) : 1
  }

  /// Reads hexadecimal numbers: `{0x1000,0x2000}` or `1000`.
  private static func numbers(_ text: Substring?) -> [UInt64] {
    (text ?? "").split { "{},".contains($0) }.compactMap { word in
      UInt64(word.hasPrefix("0x") ? word.dropFirst(2) : word, radix: 16)
    }
  }
}
