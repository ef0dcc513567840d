// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

extension MockPanfrost {
  /// GET_PARAM: checks pad, then the parameter at this version: `panfrost_ioctl_get_param`.
  static func parameter(
    _ file: MockFile, _ argument: inout cdrm_panfrost_get_param
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    let profile = file.device.profile
    guard let since = firstMinor(of: Int(argument.param)), profile.minor >= since else {
      throw .EINVAL
    }
    argument.value = value(of: Int(argument.param), profile)
  }

  /// The first minor with a parameter; nil for an unknown parameter.
  private static func firstMinor(of parameter: Int) -> Int? {
    switch parameter {
    case 0...39: 0
    case CDRM_PANFROST_PARAM_AFBC_FEATURES: 2
    case CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP: 3
    case CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP_FREQUENCY: 3
    case CDRM_PANFROST_PARAM_ALLOWED_JM_CTX_PRIORITIES: 5
    case CDRM_PANFROST_PARAM_SELECTED_COHERENCY: cachedMaps
    default: nil
    }
  }

  /// The value of a parameter for a Mali-G52, or for a Mali-G57 on a coherent device.
  private static func value(of parameter: Int, _ profile: MockProfile) -> UInt64 {
    switch parameter {
    case CDRM_PANFROST_PARAM_GPU_PROD_ID: profile.isCoherent ? 0x9093 : 0x7402
    case CDRM_PANFROST_PARAM_GPU_REVISION: profile.isCoherent ? 0 : 0x1000
    case CDRM_PANFROST_PARAM_SHADER_PRESENT: 0x3
    case CDRM_PANFROST_PARAM_TILER_PRESENT, CDRM_PANFROST_PARAM_L2_PRESENT: 1
    case CDRM_PANFROST_PARAM_AS_PRESENT: 0xff
    case CDRM_PANFROST_PARAM_JS_PRESENT: 7
    case CDRM_PANFROST_PARAM_L2_FEATURES: 0x0713_0206
    case CDRM_PANFROST_PARAM_MMU_FEATURES: 0x2830
    case CDRM_PANFROST_PARAM_COHERENCY_FEATURES: 1
    case CDRM_PANFROST_PARAM_ALLOWED_JM_CTX_PRIORITIES: 7
    case CDRM_PANFROST_PARAM_SELECTED_COHERENCY:
      UInt64(
        profile.isCoherent ? CDRM_PANTHOR_COHERENCY_ACE_LITE : CDRM_PANTHOR_COHERENCY_NONE)
    default: 0
    }
  }
}
