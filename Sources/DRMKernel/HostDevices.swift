// SPDX-License-Identifier: MIT

internal import CDRM
internal import CLibDRM

/// Lists the host's DRM devices with libdrm.
enum HostDevices {
  /// Returns the devices, those without a bus last; empty without a `/dev/dri`.
  static func list() -> [DeviceEntry] {
    let listed = onBuses()
    return listed + HostNodes.missing(from: listed)
  }

  /// Returns the devices that `drmGetDevices2` finds.
  private static func onBuses() -> [DeviceEntry] {
    let count = drmGetDevices2(0, nil, 0)
    guard count > 0 else { return [] }
    var devices = unsafe [drmDevicePtr?](repeating: nil, count: Int(count))
    let filled = unsafe devices.withUnsafeMutableBufferPointer { buffer in
      unsafe drmGetDevices2(0, buffer.baseAddress, count)
    }
    guard filled > 0 else { return [] }
    let kept = min(filled, count)
    let entries = unsafe devices.prefix(Int(kept)).compactMap { device in
      unsafe device.map { unsafe entry($0.pointee) }
    }
    unsafe devices.withUnsafeMutableBufferPointer { buffer in
      unsafe drmFreeDevices(buffer.baseAddress, kept)
    }
    return entries
  }

  private static func entry(_ device: drmDevice) -> DeviceEntry {
    unsafe DeviceEntry(
      primaryNode: path(of: device, DRM_NODE_PRIMARY),
      renderNode: path(of: device, DRM_NODE_RENDER),
      compatible: compatible(of: device)
    )
  }

  private static func path(of device: drmDevice, _ kind: CInt) -> String? {
    guard unsafe device.available_nodes & (1 << kind) != 0,
      let name = unsafe device.nodes[Int(kind)]
    else { return nil }
    return unsafe String(cString: name)
  }

  private static func compatible(of device: drmDevice) -> [String] {
    guard unsafe device.bustype == DRM_BUS_PLATFORM,
      let platform = unsafe device.deviceinfo.platform,
      var next = unsafe platform.pointee.compatible
    else { return [] }
    var strings: [String] = []
    while let string = unsafe next.pointee {
      unsafe strings.append(String(cString: string))
      unsafe next += 1
    }
    return strings
  }
}
