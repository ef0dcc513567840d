// SPDX-License-Identifier: MIT

internal import CallTrace
internal import DRM
internal import DRMConformance
internal import DRMDrivers
internal import DRMKernel
internal import Devices
internal import Dispatch
internal import Reports
internal import TraceSessions

#if canImport(Glibc)
  internal import Glibc
#endif

/// The child process of an item: reads its request from the socket that is its stdin, and answers there.
public enum ItemProcess {
  /// The arguments by which a runner starts it.
  public static let arguments = ["(item)"]

  /// Carries out the request, and ends the process.
  ///
  /// The process ends at once when the other end of the socket is closed: when the runner has died.
  public static func run() -> Never {
    let channel = ItemChannel(STDIN_FILENO)
    guard let line = channel.readLine(), let request = ItemRequest(line: line) else { exit(2) }
    DispatchQueue.global().async { channel.awaitEnd() }
    var device: DRMDevice
    do throws(DeviceError) {
      device = try request.device.open()
    } catch {
      channel.send(.lost(error.description))
      exit(0)
    }
    let faulty = request.fault.map { FaultyKernel(device, $0) }
    if let faulty { device = device.answered(by: .substitute(faulty)) }
    do throws(ReportError) {
      let row = try request.run(on: device, channel) { faulty?.arm() }
      if row.verdict == .fail, let reason = device.loss { channel.send(.lost(reason)) }
      channel.send(.ended(row))
    } catch {
      channel.send(.failed(error.description))
    }
    exit(0)
  }
}

extension ItemRequest {
  fileprivate func run(
    on device: DRMDevice, _ channel: ItemChannel, begin: () -> Void
  ) throws(ReportError) -> ResultRow {
    let traced = try TracedDevice(device, of: name, to: trace)
    let reported = Selection(devices: [traced.device]).recorded { event in
      switch event {
      case .began(_, let call, _): channel.send(.began(call.description))
      case .ended: channel.send(.returned)
      }
    }
    let subjects = try Subjects(name, for: work)
    begin()
    let isReal = device.description.location != .mock
    let before = isReal ? OpenClients() : nil
    let row = try subjects.run(
      name, work, on: reported.devices.first ?? traced.device)
    try traced.end()
    // What this process left open is gone when it has ended.
    return row.judged(by: before.map { OpenClients().leaks(since: $0) } ?? [])
  }
}

extension DRMDevice {
  /// Why the device cannot be opened any more; nil where it can, or where only this process cannot.
  fileprivate var loss: String? {
    do throws(DRMError) {
      _ = try DRMNode(path: path, kernel: kernel)
      return nil
    } catch {
      let gone: [Errno] = [.ENODEV, .ENOENT, Errno(rawValue: ENXIO)]
      guard let errno = error.errno, gone.contains(errno) else { return nil }
      return machine.namingMocks(in: "\(error)")
    }
  }
}

/// One end of the socket between a runner and the child process of an item.
final class ItemChannel: Sendable {
  private let descriptor: CInt

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  /// Sends a message; a runner that is gone does not get it.
  func send(_ message: ItemMessage) {
    var bytes = ArraySlice(message.line)
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL))
      }
      if count > 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { return }
    }
  }

  /// Reads up to a newline; nil where the socket ends before one.
  func readLine() -> [UInt8]? {
    var line: [UInt8] = []
    // Nothing follows the request.
    var chunk = [UInt8](repeating: 0, count: 4 << 10)
    while line.count < ItemMessage.mostBytes {
      let count = unsafe read(descriptor, &chunk, chunk.count)
      if count > 0 {
        line += chunk[..<count]
        if line.last == UInt8(ascii: "\n") { return line.dropLast() }
      } else if count == 0 || errno != EINTR {
        return nil
      }
    }
    return nil
  }

  /// Ends the process when the other end is closed.
  func awaitEnd() {
    var byte: UInt8 = 0
    while true {
      let count = unsafe read(descriptor, &byte, 1)
      if count == 0 || (count < 0 && errno != EINTR) { _exit(4) }
    }
  }
}
