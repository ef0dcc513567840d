// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel

/// One picture of a machine: its GPUs and exporters with their states, all from one record.
///
/// Whatever chooses a device reads it.
public struct Machine: Sendable {
  /// What was read.
  public let record: MachineRecord
  /// The Mali GPUs, then the other DRM devices.
  public internal(set) var devices: [MachineDevice]
  /// The dma-buf exporters that are no DRM nodes.
  public let exporters: [MachineDevice]

  /// Judges a record.
  public init(_ record: MachineRecord) {
    devices = Diagnosis.devices(of: record)
    var record = record
    if devices.count >= Candidate.most { record.omit("more than \(Candidate.most - 1) devices") }
    record.omitUnreadable()
    self.record = record
    exporters = Diagnosis.exporters(of: record)
  }

  /// Reads the machine that a root has.
  ///
  /// - Parameters:
  ///   - root: `/` for the machine of this process, or a directory with a copy of some of a machine's files.
  ///   - user: the user whose permissions count, by name or number; nil for the user of this process.
  /// - Throws: a usage error for a user that the machine does not have.
  public static func read(root: String = "/", user: String? = nil) throws(DeviceError) -> Machine {
    Machine(try MachineReader.read(MachineRoot(root), user: user))
  }

  /// The running kernel's release, such as `7.3.4-arm64`.
  public var kernelRelease: String { record.text("/proc/sys/kernel/osrelease") ?? "unknown" }

  /// Whether this is a virtual machine, from the device tree or the processor's flags.
  public var isVirtualMachine: Bool {
    for tree in MachineReader.treePaths {
      if let model = record.text(tree + "/compatible") {
        return model.contains("dummy-virt") || model.contains("qemu")
      }
    }
    return record.text("/proc/cpuinfo") != nil
  }

  /// Whether nothing of sysfs was read, so a GPU may be there without being found.
  public var isWithoutSysfs: Bool { record.omissions.contains { $0.hasPrefix("/sys: ") } }

  /// What shows that the process is in a container; nil outside of one.
  public var container: String? { record.container }

  /// Returns the exporter or DRM device with a device file.
  func device(with path: String) -> MachineDevice? {
    (devices + exporters).first { $0.has(path) || $0.name == path }
  }
}

extension MachineRecord {
  /// Says which places could not be read, without which it is not known whether there is a GPU.
  mutating func omitUnreadable() {
    for place in MachineReader.treePaths + ["/proc"] {
      if let errno = failure(place) { omit("\(place): \(errno) (\(errno.sentence))") }
    }
  }

  static let containerFiles = [
    "/.dockerenv", "/run/.containerenv", "/run/host/container-manager",
    "/run/secrets/kubernetes.io",
  ]

  /// What shows that the process is in a container; nil outside of one.
  var container: String? {
    if let file = Self.containerFiles.first(where: has) { return file }
    return ["/run/systemd/container", "/proc/1/cgroup"].first { text($0) != nil }
  }
}
