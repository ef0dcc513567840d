// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The bytes of a memory, each as often as there may be different ones.
///
/// The CPU's image is a file, which clients map; the others are this process's own. All are made at the first
/// use, and take memory only where they are written. Where the host has no address space left for one, nothing
/// is copied from or to it.
@safe
final class MemoryImages {
  enum Image {
    /// What a load shows.
    case cpu
    /// What a device reads that does not snoop.
    case memory
    /// What a line held when it was filled, where that is no longer in memory.
    case fill
  }

  /// In bytes.
  let size: Int
  // A client's file is not asked for its holes, since that would move its offset.
  private let isOwn: Bool
  private let start: Int64
  private let firstByte: UInt8
  private var file: CInt?
  // Mapped from here and nowhere else: safe to use below `size`.
  private var addresses: [Image: Int] = [:]

  /// Memory of its own, zeroed, but for its first byte.
  init(size: Int, firstByte: UInt8 = 0) {
    self.size = size
    self.firstByte = firstByte
    start = 0
    isOwn = true
  }

  /// A part of a file, which is closed with it.
  init(of file: CInt, from start: UInt64, size: Int) {
    self.size = size
    self.file = file
    self.start = Int64(start)
    firstByte = 0
    isOwn = false
  }

  deinit {
    for address in addresses.values { Self.unmap(address, size) }
    if let file { _ = cdrm_close(file) }
  }

  /// Answers where the CPU's image is, and makes its file at the first use.
  func backing() throws(Errno) -> Backing {
    if let file { return Backing(file: file, start: UInt64(start)) }
    let answer = unsafe cdrm_memory_file("mock-bo", UInt64(size))
    if let errno = Errno(answer: answer) { throw errno }
    file = answer
    if firstByte != 0 { cdrm_poke(answer, firstByte) }
    return Backing(file: answer)
  }

  /// Whether any byte was ever written, or read through a mapping.
  var isTouched: Bool { !isOwn || file.map { cdrm_lseek($0, 0, Self.seekData) >= 0 } ?? false }

  /// Gives the memory of all but the CPU's image back.
  func dropCopies() {
    for image in [Image.memory, .fill] {
      if let address = addresses.removeValue(forKey: image) { Self.unmap(address, size) }
    }
  }

  /// The parts of a range in which the CPU's image has pages: the rest reads as zero, and is left alone.
  func data(in range: Range<Int>) -> [Range<Int>] {
    guard let file, !range.isEmpty else { return [] }
    guard isOwn else { return [range] }
    // Where a hole begins is searched through all pages before it: for a small part that costs more than to ask
    // for each page.
    let isSmall = range.count < size / 16
    let page = Int(cdrm_page_size())
    var parts: [Range<Int>] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let found = cdrm_lseek(file, Int64(position), Self.seekData)
      guard found >= 0, found < range.upperBound else { break }
      let begin = Int(found)
      let end =
        isSmall
        ? (begin / page + 1) * page : Int(max(cdrm_lseek(file, found, Self.seekHole), found + 1))
      position = min(end, range.upperBound)
      if let last = parts.last, last.upperBound == begin {
        parts[parts.count - 1] = last.lowerBound..<position
      } else {
        parts.append(begin..<position)
      }
    }
    return parts
  }

  /// Copies what differs.
  func copy(_ range: Range<Int>, from source: Image, to target: Image) {
    guard !range.isEmpty, let from = unsafe address(of: source), let to = unsafe address(of: target)
    else { return }
    unsafe cdrm_copy_differences(to + range.lowerBound, from + range.lowerBound, range.count)
  }

  /// Answers the lines of a range in which two images differ.
  func differences(
    _ range: Range<Int>, _ one: Image, _ other: Image, lineSize: Int
  ) -> [Range<Int>] {
    guard !range.isEmpty, let one = unsafe address(of: one), let other = unsafe address(of: other)
    else { return [] }
    var runs: [Range<Int>] = []
    var at = range.lowerBound
    while at < range.upperBound {
      at += unsafe cdrm_equal_lines(one + at, other + at, range.upperBound - at, lineSize)
      let length = unsafe cdrm_different_lines(
        one + at, other + at, range.upperBound - at, lineSize)
      if length > 0 { runs.append(at..<at + length) }
      at += length
    }
    return runs
  }

  func set(_ range: Range<Int>, of image: Image, to byte: UInt8) {
    guard !range.isEmpty, let address = unsafe address(of: image) else { return }
    unsafe (address + range.lowerBound).initializeMemory(
      as: UInt8.self, repeating: byte, count: range.count)
  }

  func bytes(_ range: Range<Int>, of image: Image) -> [UInt8] {
    guard !range.isEmpty, let address = unsafe address(of: image) else {
      return [UInt8](repeating: 0, count: range.count)
    }
    return unsafe Array(
      UnsafeRawBufferPointer(start: address + range.lowerBound, count: range.count))
  }

  func write(_ bytes: ArraySlice<UInt8>, at position: Int, of image: Image) {
    guard !bytes.isEmpty, let address = unsafe address(of: image) else { return }
    unsafe bytes.withUnsafeBytes {
      if let from = $0.baseAddress {
        unsafe (address + position).copyMemory(from: from, byteCount: $0.count)
      }
    }
  }

  private func address(of image: Image) -> UnsafeMutableRawPointer? {
    if let address = addresses[image] { return unsafe UnsafeMutableRawPointer(bitPattern: address) }
    let answer =
      switch image {
      case .cpu: mapFile()
      case .memory, .fill: cdrm_map_image(size)
      }
    guard answer > 0 else { return nil }
    addresses[image] = answer
    return unsafe UnsafeMutableRawPointer(bitPattern: answer)
  }

  private static func unmap(_ address: Int, _ length: Int) {
    if let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) {
      _ = unsafe cdrm_munmap(pointer, length)
    }
  }

  private func mapFile() -> Int {
    guard let backing = try? backing() else { return 0 }
    let readWrite: CInt = 3
    let shared: CInt = 1
    return cdrm_mmap(size, readWrite, shared, backing.file, Int64(backing.start))
  }

  private static let seekData: CInt = 3
  private static let seekHole: CInt = 4
}
