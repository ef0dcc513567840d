// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A GPU with a driver: whether its device file is there, and open to the user.
extension Diagnosis {
  mutating func judgeNode(_ driver: String) {
    guard let path = device.renderNode ?? device.primaryNode else {
      set(
        .noNode, "no DRM node", "\(driver) is bound to it, but /sys/class/drm has no node of it")
      return explainMissingNode(driver)
    }
    if access.of(path) == .missing, let primary = device.primaryNode, access.of(primary) == .open {
      device.name = primary
      device.limits.append("there is no device file \(path); the primary node does without it")
      return addLimits(driver)
    }
    device.name = path
    switch access.of(path) {
    case .open: addLimits(driver)
    case .closed(let file, let status):
      show(file, access.evidence(status))
      set(
        .closed, "closed to you (\(access.text(status)))",
        file == path
          ? "\(path) is there, but closed to this user (\(access.text(status)))"
          : "\(path) cannot be reached: \(file) is closed to this user (\(access.text(status)))")
      adviseAccess(file, status)
    case .unreachable(let directory, let errno):
      show(path, "\(errno)")
      set(
        .closed, "closed to you (\(directory))",
        "\(path) cannot be reached: \(directory) is closed to this user")
      advise("ls -ld \(directory.quoted)")
    case .refused(let errno):
      show(path, "open: \(errno) (\(errno.sentence))")
      judgeRefusal(path, errno)
    case .missing:
      let node = path.split(separator: "/").last ?? ""
      show("/sys/class/drm/\(node)", "exists")
      set(
        .noNode, "no device file \(path)",
        "\(driver) is bound to it, but there is no device file \(path)")
      explainMissingFile(path)
    }
  }

  /// A file whose permissions allow what `open(2)` refused.
  private mutating func judgeRefusal(_ path: String, _ errno: Errno) {
    guard errno == .EPERM || errno == .EACCES else {
      set(.failing, "\(errno)", "\(path) cannot be opened: \(errno) (\(errno.sentence))")
      return adviseLog()
    }
    if showContainer() {
      set(
        .closed, "closed to this container",
        "\(path) is there, but the container's device rules refuse it (\(errno))")
      advise("start the container with --device \(path)")
    } else {
      set(
        .closed, "closed to you (\(errno))",
        "\(path) is there and its permissions allow it, but device rules of the service or a security "
          + "module refuse it (\(errno))")
      advise("systemctl show -p DevicePolicy -p DeviceAllow -p PrivateDevices UNIT")
      advise("sudo dmesg | grep -iE 'apparmor|avc|denied'")
    }
  }

  /// A driver that is bound to a device without a node: it unplugged the node, or the record does not have it.
  private mutating func explainMissingNode(_ driver: String) {
    let errors = logLines.filter { $0.contains("*ERROR*") || $0.contains("unusable") }
    guard !errors.isEmpty, let path = candidate.platformPath else {
      return explainMissingFile("/dev/dri")
    }
    for line in errors.suffix(4) { show("kernel log", line) }
    device.explanation += "; the kernel's log has errors of it"
    advise("echo \(candidate.name.quoted) | sudo tee \((path + "/driver/unbind").quoted)")
    adviseBinding(driver)
  }

  private mutating func explainMissingFile(_ path: String) {
    if showContainer() {
      device.explanation += "; this is a container"
      advise("start the container with --device \(path)")
    } else {
      advise("sudo udevadm trigger --subsystem-match=drm, or mount devtmpfs at /dev")
      advise("in a container: start it with --device \(path)")
    }
  }

  /// Shows what tells that this is a container; false outside of one.
  private mutating func showContainer() -> Bool {
    guard let container = record.container else { return false }
    show(container, record.text(container) ?? "exists")
    return true
  }

  mutating func adviseAccess(_ file: String, _ status: FileStatus) {
    let isDirectory = status.kind == "d"
    let isJoinable = !isDirectory && status.mode & 0o060 == 0o060 && status.group != 0
    let group = access.group(status.group).quoted
    let file = file.quoted
    if isDirectory {
      advise("sudo chmod a+rx \(file), and mend the udev rule that sets it")
    } else if status.group == FileStatus.overflow, showContainer() {
      advise(
        "map the host's group of \(file) into the container: an idmap of lxc, or --group-add "
          + "keep-groups of podman")
    } else if isJoinable, showContainer() {
      advise("start the container with --group-add \(status.group)")
    } else if isJoinable, access.isListed(in: status.group) {
      show("/etc/group", "\(group) has this user, and the session began without it")
      advise("log in again, or sg \(group) -c 'gemsync doctor'")
    } else if isJoinable {
      if access.groupName(status.group) == nil {
        advise("sudo groupadd -g \(status.group) render, which no group is named yet")
      }
      advise(
        "sudo usermod -aG \((access.groupName(status.group) ?? "render").quoted) \(access.userName.quoted), then log in again"
      )
    } else if status.group == 0 {
      if status.mode == 0o600 {
        advise("sudo udevadm trigger --subsystem-match=drm, if udev has not run yet")
      }
      advise("sudo chgrp render \(file) && sudo chmod 0660 \(file), or a udev rule that does it")
    } else {
      advise("sudo chmod g+rw \(file), and mend the udev rule that sets it")
    }
  }
}
