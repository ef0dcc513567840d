// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The device files that export dma-bufs: `/dev/udmabuf` and the heaps.
extension Diagnosis {
  static func exporters(of record: MachineRecord) -> [MachineDevice] {
    let heaps = Set(record.names("/dev/dma_heap") + record.names("/sys/class/dma_heap")).sorted()
    var paths = heaps.map { "/dev/dma_heap/" + $0 }
    if record.entries["/dev/udmabuf"] != nil || record.has("/sys/class/misc/udmabuf") {
      paths.append("/dev/udmabuf")
    }
    let access = FileAccess(record)
    return paths.map { exporter($0, access, record) }
  }

  private static func exporter(
    _ path: String, _ access: FileAccess, _ record: MachineRecord
  ) -> MachineDevice {
    var device = MachineDevice(
      kind: .exporter, name: path, state: .usable, summary: "usable", explanation: "")
    switch access.of(path) {
    case .open: break
    case .closed(let file, let status):
      device.state = .closed
      device.summary = "closed to you (\(access.text(status)))"
      device.explanation =
        (file == path
          ? "\(path) is there, but closed" : "\(path) cannot be reached: \(file) is closed")
        + " to this user (\(access.text(status)))"
      device.evidence = [.init(source: file, text: access.evidence(status))]
      device.advice = [
        "sudo chgrp render \(path) && sudo chmod 0660 \(path), or a udev rule that does it"
      ]
    case .unreachable(let directory, let errno):
      device.state = .closed
      device.summary = "closed to you (\(directory): \(errno))"
      device.explanation = "\(path) cannot be opened: \(directory): \(errno) (\(errno.sentence))"
      device.evidence = [.init(source: path, text: "\(errno)")]
    case .refused(let errno):
      let isClosed = errno == .EPERM || errno == .EACCES
      device.state = isClosed ? .closed : .failing
      device.summary = isClosed ? "closed to you (\(errno))" : "\(errno)"
      device.explanation = "\(path) cannot be opened: \(errno) (\(errno.sentence))"
      device.evidence = [.init(source: path, text: "open: \(errno)")]
    case .missing:
      device.state = .noNode
      device.summary = "no device file"
      device.explanation = "the kernel has it, but there is no device file \(path)"
      device.advice = [
        record.container == nil
          ? "mount devtmpfs at /dev" : "start the container with --device \(path)"
      ]
    }
    return device
  }
}
