// SPDX-License-Identifier: MIT

internal import CDRM
internal import CMockSupport
internal import DRMKernel

/// Three images of a memory: what the CPU sees, what memory holds, and what clean lines held at their fill.
///
/// The CPU's image is a file, which clients map; the others are private to this process. An image is allocated at
/// its first use, page by page. Where the host has no address space for an image, it is not used.
@safe
final class MemoryImages {
  enum Image {
    /// The bytes that a CPU load returns.
    case cpu
    /// The bytes that a non-snooping device reads.
    case memory
    /// The bytes of a line at its fill, if a device has overwritten them in memory since.
    case fill
  }

  /// In bytes.
  let size: Int
  // Holes are not searched in a client's file, since lseek would move its offset.
  private let isOwn: Bool
  private let start: Int64
  private let firstByte: UInt8
  private var file: CInt?
  // Mapped by this object only: valid up to `size`.
  private var addresses: [Image: Int] = [:]

  /// Creates images of new memory, which is zero except for its first byte.
  init(size: Int, firstByte: UInt8 = 0) {
    self.size = size
    self.firstByte = firstByte
    start = 0
    isOwn = true
  }

  /// Creates images of a part of a file, which is closed with them.
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

  /// Returns the location of the CPU's image; creates its file at the first use.
  func backing() throws(Errno) -> Backing {
    if let file { return Backing(file: file, start: UInt64(start)) }
    let answer = unsafe cdrm_memory_file("mock-bo", UInt64(size))
    if let errno = Errno(answer: answer) { throw errno }
    file = answer
    if firstByte != 0 { cmock_write_first_byte(answer, firstByte) }
    return Backing(file: answer)
  }

  /// Whether any page is allocated: written, or read through a mapping.
  var isTouched: Bool { !isOwn || file.map { cdrm_lseek($0, 0, Self.seekData) >= 0 } ?? false }

  /// Releases all images but the CPU's.
  func releaseCopies() {
    for image in [Image.memory, .fill] {
      if let address = addresses.removeValue(forKey: image) { Self.unmap(address, size) }
    }
  }

  /// Returns the parts of a range in which the CPU's image has pages; the rest reads as zero.
  func data(in range: Range<Int>) -> [Range<Int>] {
    guard let file, !range.isEmpty else { return [] }
    guard isOwn else { return [range] }
    // SEEK_HOLE walks all pages up to the hole; for a small range a SEEK_DATA for each page is faster.
    let isSmall = range.count < size / 16
    let page = Int(cdrm_page_size())
    var parts: [Range<Int>] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let found = cdrm_lseek(file, Int64(position), Self.seekData)
      guard found >= 0, found < range.upperBound else { break }
      let start = Int(found)
      let end =
        isSmall
        ? (start / page + 1) * page : Int(max(cdrm_lseek(file, found, Self.seekHole), found + 1))
      position = min(end, range.upperBound)
      if let last = parts.last, last.upperBound == start {
        parts[parts.count - 1] = last.lowerBound..<position
      } else {
        parts.append(start..<position)
      }
    }
    return parts
  }

  /// Copies the bytes that differ.
  func copy(_ range: Range<Int>, from source: Image, to target: Image) {
    guard !range.isEmpty, let from = unsafe address(of: source), let to = unsafe address(of: target)
    else { return }
    unsafe cmock_copy_differences(to + range.lowerBound, from + range.lowerBound, range.count)
  }

  /// Returns the lines of a range in which two images differ.
  func differences(
    _ range: Range<Int>, _ one: Image, _ other: Image, lineSize: Int
  ) -> [Range<Int>] {
    guard !range.isEmpty, let one = unsafe address(of: one), let other = unsafe address(of: other)
    else { return [] }
    var runs: [Range<Int>] = []
    var at = range.lowerBound
    while at < range.upperBound {
      at += unsafe cmock_equal_lines(one + at, other + at, range.upperBound - at, lineSize)
      let length = unsafe cmock_different_lines(
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
      case .memory, .fill: cmock_map_image(size)
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

/// The location of an image: a file of the host, and the offset of its first byte.
struct Backing {
  let file: CInt
  var start: UInt64 = 0
}
