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
  public var argument: CallMemory

  /// Creates a call.
  public init(
    _ descriptor: Call.Descriptor, _ request: IoctlRequest, driver: DRMDriver? = nil,
    _ argument: CallMemory
  ) {
    self.descriptor = descriptor
    self.request = request
    self.driver = driver
    self.argument = argument
  }

  /// The argument's layout; nil for an unknown request.
  public var layout: IoctlLayout? { IoctlLayout.find(request, driver: driver) }

  /// The request's name, or its type and number where it is unknown.
  public var name: String { IoctlLayout.name(of: request, driver: driver) }
}

extension IoctlCall {
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
  func count(of buffer: OutBuffer, _ argument: [UInt8], isFailure: Bool) -> Int {
    let room = region(behind: buffer)?.bytes.count ?? 0
    guard buffer.isOutputOnly else { return room }
    let length = buffer.size(in: argument) ?? 0
    return isFailure ? 0 : min(room, length)
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
  /// Returns the call with each deadline replaced by the time until then.
  func withTimeouts() -> IoctlCall {
    let now = cdrm_monotonic_nanoseconds()
    // A deadline in the past must stay positive.
    return mappingDeadlines { max($0 - now, 1) }
  }

  /// Returns the call with each time until a deadline replaced by the deadline.
  func withDeadlines() -> IoctlCall {
    let now = cdrm_monotonic_nanoseconds()
    return mappingDeadlines { timeout in
      let (deadline, overflow) = now.addingReportingOverflow(timeout)
      return overflow ? .max : deadline
    }
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
