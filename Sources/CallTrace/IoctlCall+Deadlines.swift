// SPDX-License-Identifier: MIT

internal import CDRM

/// A moment on CLOCK_MONOTONIC means nothing in another run: in a trace a deadline is so many nanoseconds from the
/// call on. What is 0 or less is no moment, and stays.
extension IoctlCall {
  /// Returns the call as it is written down.
  func withTimeouts() -> IoctlCall {
    let now = cdrm_monotonic_nanoseconds()
    // One that is past already must not become one that is no moment.
    return mappingDeadlines { max($0 - now, 1) }
  }

  /// Returns the call as it is made now.
  func withDeadlines() -> IoctlCall {
    let now = cdrm_monotonic_nanoseconds()
    return mappingDeadlines { timeout in
      let (moment, overflow) = now.addingReportingOverflow(timeout)
      return overflow ? .max : moment
    }
  }

  private func mappingDeadlines(_ body: (Int64) -> Int64) -> IoctlCall {
    guard let spans = layout?.deadlines, !spans.isEmpty, case .region(var region) = argument else {
      return self
    }
    for span in spans {
      guard let number = region.bytes.number(span), Int64(bitPattern: number) > 0 else { continue }
      let changed = UInt64(bitPattern: body(Int64(bitPattern: number)))
      for index in 0..<span.width {
        region.bytes[span.offset + index] = UInt8(truncatingIfNeeded: changed >> (index * 8))
      }
    }
    var call = self
    call.argument = .region(region)
    return call
  }
}
