// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers

/// `DRM_IOCTL_PANFROST_GET_PARAM`.
let panfrostParameterChecks: [Check] = checks(
  of: .panfrost,
  [
    .call(
      "panfrost.get_param.pad", "GET_PARAM with a nonzero pad fails with EINVAL.",
      cdrm_request_panfrost_get_param, parameter(0, pad: 1), .EINVAL),
    .call(
      "panfrost.get_param.unknown", "GET_PARAM of an unknown parameter fails with EINVAL.",
      cdrm_request_panfrost_get_param, parameter(9999), .EINVAL),
    Check("panfrost.get_param.product", "GET_PARAM GPU_PROD_ID returns a nonzero product id.") {
      probe in
      let product = try probe.call(
        cdrm_request_panfrost_get_param, parameter(CDRM_PANFROST_PARAM_GPU_PROD_ID))
      try probe.expectEqual("is one", product.value != 0, true)
    },
    Check(
      "panfrost.get_param.selected_coherency",
      "GET_PARAM SELECTED_COHERENCY returns ACE-Lite, ACE or none.", .feature(.reportsCoherency)
    ) { probe in
      let selected = try probe.call(cdrm_request_panfrost_get_param, selectedCoherency).value
      try probe.expectEqual("is one of them", [0, 1, 31].contains(selected), true)
      try probe.expectEqual(
        "coherent", selected != 31, probe.node.coherency.isCoherent == true)
    },
    .call(
      "panfrost.get_param.selected_coherency_absent",
      "GET_PARAM SELECTED_COHERENCY fails with EINVAL on a driver without it.",
      cdrm_request_panfrost_get_param, selectedCoherency, .EINVAL, .lacks(.reportsCoherency)),
  ])

private let selectedCoherency = parameter(CDRM_PANFROST_PARAM_SELECTED_COHERENCY)

private func parameter(_ parameter: Int, pad: UInt32 = 0) -> cdrm_panfrost_get_param {
  cdrm_panfrost_get_param(param: UInt32(parameter), pad: pad, value: 0)
}
