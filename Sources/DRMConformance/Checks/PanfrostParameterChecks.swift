// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM

/// `DRM_IOCTL_PANFROST_GET_PARAM`.
let panfrostParameterChecks: [Check] = [
  Check("panfrost.get_param.pad", "GET_PARAM with a nonzero pad is EINVAL.", .driver("panfrost")) {
    probe in
    try probe.expect(get(0, pad: 1, in: probe).answer, .EINVAL)
  },
  Check(
    "panfrost.get_param.unknown", "GET_PARAM of an unknown parameter is EINVAL.",
    .driver("panfrost")
  ) { probe in
    try probe.expect(get(9999, in: probe).answer, .EINVAL)
  },
  Check(
    "panfrost.get_param.product", "GET_PARAM gives the product the GPU calls itself.",
    .driver("panfrost")
  ) { probe in
    let product = get(CDRM_PANFROST_PARAM_GPU_PROD_ID, in: probe)
    try probe.expect(product.answer, .success)
    try probe.expectEqual("is one", product.value != 0, true)
  },
  Check(
    "panfrost.get_param.selected_coherency", "The selected coherency is ACE-Lite, ACE or none.",
    .driver("panfrost"), .feature(.reportsCoherency)
  ) { probe in
    let selected = get(CDRM_PANFROST_PARAM_SELECTED_COHERENCY, in: probe)
    try probe.expect(selected.answer, .success)
    try probe.expectEqual("is one of them", [0, 1, 31].contains(selected.value), true)
    try probe.expectEqual(
      "coherent", selected.value != 31, probe.node.coherency.isCoherent == true)
  },
  Check(
    "panfrost.get_param.selected_coherency_absent",
    "Without the feature, the selected coherency is EINVAL.", .driver("panfrost"),
    .lacks(.reportsCoherency)
  ) { probe in
    try probe.expect(get(CDRM_PANFROST_PARAM_SELECTED_COHERENCY, in: probe).answer, .EINVAL)
  },
]

private func get(
  _ parameter: Int, pad: UInt32 = 0, in probe: Probe
) -> (answer: CInt, value: UInt64) {
  var argument = cdrm_panfrost_get_param(param: UInt32(parameter), pad: pad, value: 0)
  let answer = probe.ioctl(cdrm_request_panfrost_get_param, &argument)
  return (answer, argument.value)
}
