// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Dispatch

/// Threads that each report events, which are delivered lane after lane on the calling thread.
struct OrderedLanes {
  private struct Inbox {
    var events: [[ItemEvent]]
    var isOver: [Bool]
  }

  private let count: Int
  private let atOnce: Int

  /// Creates lanes of which so many run at once.
  init(_ count: Int, atOnce: Int) {
    (self.count, self.atOnce) = (count, atOnce)
  }

  /// Runs all lanes; returns when the last has ended and its events were delivered.
  ///
  /// - Parameter body: the work of a lane, which reports events.
  func run(
    _ body: @escaping @Sendable (Int, (ItemEvent) -> Void) -> Void, report: (ItemEvent) -> Void
  ) {
    let inbox = Guarded(
      Inbox(
        events: Array(repeating: [], count: count), isOver: Array(repeating: false, count: count)))
    let hasNews = DispatchSemaphore(value: 0)
    let places = DispatchSemaphore(value: atOnce)
    let count = count
    // Threads of their own: work that blocks would exhaust a queue's.
    DispatchQueue.global().async {
      for lane in 0..<count {
        places.wait()
        DispatchQueue(label: "lane \(lane)").async {
          body(lane) { event in
            inbox.withLock { $0.events[lane].append(event) }
            hasNews.signal()
          }
          inbox.withLock { $0.isOver[lane] = true }
          hasNews.signal()
          places.signal()
        }
      }
    }
    var lane = 0
    while lane < count {
      hasNews.wait()
      while lane < count {
        let (events, isOver) = inbox.withLock { inbox in
          let events = inbox.events[lane]
          inbox.events[lane] = []
          return (events, inbox.isOver[lane])
        }
        for event in events { report(event) }
        guard isOver else { break }
        lane += 1
      }
    }
  }
}
