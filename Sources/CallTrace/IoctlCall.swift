// SPDX-License-Identifier: MIT

internal import CDRM
public import DRMDrivers
public import DRMKernel
public import UAPILayouts

/// An ioctl with all memory that its argument leads to.
public struct IoctlCall: Hashable, Sendable {
  public var descriptor: Call.Descriptor
  public var request: IoctlRequest
  /// The driver of the device; nil where it is unknown or does not matter.
  public var driver: DRMDriver?
  /// Whether the descriptor is a dma-heap's and the request's type is another one; a heap ignores it.
  public var isOnHeap: Bool
  public var argument: CallMemory

  /// Creates a call.
  public init(
    _ descriptor: Call.Descriptor, _ request: IoctlRequest, driver: DRMDriver? = nil,
    isOnHeap: Bool = false, _ argument: CallMemory
  ) {
    self.isOnHeap = isOnHeap
    self.descriptor = descriptor
    self.request = request
    self.driver = driver
    self.argument = argument
  }

  /// The argument's layout; nil for an unknown request.
  public var layout: IoctlLayout? {
    isOnHeap
      ? IoctlLayout.find(onHeap: request.number) : IoctlLayout.find(request, driver: driver)
  }

  /// The request's name, or its type and number where it is unknown.
  public var name: String { layout?.name ?? IoctlLayout.name(of: request, driver: driver) }
}

extension IoctlRequest {
  /// Whether it is a driver's own request, whose number each driver uses for another call.
  var isOfDriver: Bool {
    type == UInt8(ascii: "d") && CDRM_COMMAND_BASE..<CDRM_COMMAND_END ~= number
  }
}

extension IoctlCall {
  /// Whether a driver's request is one of this driver, or is after the end of its table.
  func isMeant(for driver: DRMDriver) -> Bool {
    self.driver.map { $0 == driver } ?? (request.number >= IoctlLayout.numberPastLast(of: driver))
  }

  /// The size in bytes of the argument as the kernel may read it.
  var argumentSize: Int {
    guard case .region(let region) = argument else { return 0 }
    let whole = layout?.stringLimit == nil && !region.isCutOff ? request.size : 0
    return max(region.bytes.count, whole)
  }

  /// The argument before the call, as the kernel may read it.
  var argumentBytes: [UInt8] {
    guard case .region(let region) = argument else { return [] }
    return region.bytes + repeatElement(0, count: argumentSize - region.bytes.count)
  }

  /// Returns the memory behind the pointer to a buffer; nil where there is none.
  private func region(behind buffer: OutBuffer) -> CallRegion? {
    guard case .region(let argument) = argument,
      let link = argument.links.first(where: { $0.offset == buffer.pointer.offset }),
      case .pointer(.region(let region)) = link.target
    else { return nil }
    return region
  }

  /// Returns how many bytes of a buffer the outcome holds.
  ///
  /// None after EFAULT: the number of bytes that were copied before the fault depends on the processor. None of an
  /// output where the kernel does not read the argument, or does not return in it how many bytes it wrote.
  func count(of buffer: OutBuffer, _ argument: [UInt8], after result: Int64) -> Int {
    guard result != Int64(Errno.EFAULT.answer) else { return 0 }
    let room = region(behind: buffer)?.bytes.count ?? 0
    guard buffer.isOutputOnly else { return room }
    let length = buffer.size(in: argument) ?? 0
    return result < 0 || !request.isIn || !request.isOut ? 0 : min(room, length)
  }

  /// Returns the bytes that the outcome holds of a buffer that the call did not change.
  func unchanged(_ buffer: OutBuffer, _ count: Int) -> [UInt8] {
    guard !buffer.isOutputOnly, let region = region(behind: buffer) else {
      return [UInt8](repeating: 0, count: count)
    }
    return Array(region.bytes.prefix(count))
  }
}

// A time on CLOCK_MONOTONIC has no meaning in another run. A trace holds a deadline as the nanoseconds from
// the call until then. 0 and negative numbers are no times and are kept.
extension IoctlCall {
  // The shortest time until a deadline that is written, and what is taken as one that passed on the way to the call.
  private static let shortest: Int64 = 100_000_000
  // A longer time until a deadline never ends in practice.
  private static let endless = Int64.max / 2
  // The longest wait in a replay: no wait of a trace takes longer where it does what was recorded.
  private static let longestPlayed: Int64 = 60_000_000_000

  /// Returns the call with each deadline replaced by the time until then, which is the same in every run.
  func withTimeouts() -> IoctlCall {
    let now = cdrm_monotonic_nanoseconds()
    return mappingDeadlines { Self.timeout($0 - now) }
  }

  /// Returns the timeout from which a client computed a deadline, by the time left of it.
  ///
  /// The time between the client's look at the clock and the call differs between runs. So the time left is rounded
  /// up to 1, 2 or 5 times a power of ten, and at least to 0.1 s; 1 stands for a deadline that has passed.
  static func timeout(_ left: Int64) -> Int64 {
    guard left > -shortest else { return 1 }
    guard left < endless else { return .max }
    var step = shortest
    while true {
      for factor: Int64 in [1, 2, 5] where left <= step * factor { return step * factor }
      step *= 10
    }
  }

  /// Returns the call with each time until a deadline replaced by the deadline.
  func withDeadlines() -> IoctlCall {
    let now = cdrm_monotonic_nanoseconds()
    return mappingDeadlines { $0 == 1 ? 1 : now + min($0, Self.longestPlayed) }
  }

  private func mappingDeadlines(_ body: (Int64) -> Int64) -> IoctlCall {
    guard let spans = layout?.deadlines, !spans.isEmpty, case .region(var region) = argument else {
      return self
    }
    for span in spans {
      guard let number = region.bytes.number(span), Int64(bitPattern: number) > 0 else { continue }
      region.bytes.store(UInt64(bitPattern: body(Int64(bitPattern: number))), span)
    }
    var call = self
    call.argument = .region(region)
    return call
  }
}
