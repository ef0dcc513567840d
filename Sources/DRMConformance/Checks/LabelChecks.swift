// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRM
internal import DRMKernel

/// The drivers' label calls, which are alike.
func labelChecks(_ driver: String) -> [Check] {
  let prefix = driver == "panthor" ? "panthor.bo_set_label" : "panfrost.set_label_bo"
  return [
    Check(
      "\(prefix).absent", "Without the feature, labelling a BO is EINVAL.", .driver(driver),
      .lacks(.labels)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      try probe.expect(RawCalls.label(buffer.handle.rawValue, 0, in: probe), .EINVAL)
    },
    Check(
      "\(prefix).longest", "A label has at most 4095 bytes.", .driver(driver), .feature(.labels)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      try probe.expect(.success) { () throws(DRMError) in
        try buffer.setLabel(String(repeating: "x", count: 4095))
      }
    },
    Check(
      "\(prefix).too_long", "A label of 4096 bytes is E2BIG.", .driver(driver), .feature(.labels)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      try probe.expect(.errno(.E2BIG)) { () throws(DRMError) in
        try buffer.setLabel(String(repeating: "x", count: 4096))
      }
    },
    Check(
      "\(prefix).empty_and_none", "A label may be empty, and may be taken away.", .driver(driver),
      .feature(.labels)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      try probe.expect(.success) { () throws(DRMError) in try buffer.setLabel("") }
      try probe.expect(.success) { () throws(DRMError) in try buffer.setLabel(nil) }
    },
    Check(
      "\(prefix).pad_first", "A nonzero pad is EINVAL, even for a handle that never was.",
      .driver(driver), .feature(.labels)
    ) { probe in
      try probe.expect(RawCalls.label(4711, 0, pad: 1, in: probe), .EINVAL)
    },
    Check(
      "\(prefix).bad_handle", "A handle that never was is ENOENT, before the label is read.",
      .driver(driver), .feature(.labels)
    ) { probe in
      try probe.expect(RawCalls.label(4711, UInt64(unmappedAddress), in: probe), .ENOENT)
    },
    Check(
      "\(prefix).bad_pointer", "A label that is not mapped is EFAULT.", .driver(driver),
      .feature(.labels)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      try probe.expect(
        RawCalls.label(buffer.handle.rawValue, UInt64(unmappedAddress), in: probe), .EFAULT)
    },
    Check(
      "\(prefix).ends_unmapped", "A label that runs into unmapped memory is EFAULT.",
      .driver(driver), .feature(.labels)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      let page = try GuardedPage(filledWith: 0x78)
      try probe.expect(
        RawCalls.label(buffer.handle.rawValue, page.end - 5, in: probe), .EFAULT)
    },
  ]
}
