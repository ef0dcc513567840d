// SPDX-License-Identifier: MIT

public import DRMKernel
internal import CDRM

/// What an ioctl's argument is made of: names, places and meanings, for every ioctl that is known.
///
/// It says nothing of what a call does; recording, replaying, showing and making up calls need no more.
public final class IoctlLayout: Sendable {
  /// The kernel's name without `DRM_IOCTL_`: `PANTHOR_BO_SYNC`.
  public let name: String
  /// The request as the kernel's headers have it; callers may pass another size or direction.
  public let request: IoctlRequest
  /// The struct the argument points to; empty where the argument is a string.
  public let structure: StructLayout
  /// Where the argument is itself the address of a string: with its NUL within so many bytes.
  public let stringLimit: Int?
  /// Whether success only means that something is gone.
  public let isRelease: Bool
  /// Whether the ioctl answers a descriptor as its result.
  public let answersDescriptor: Bool
  /// The outputs that do not change from run to run, in the order they are shown.
  public let stable: [StableOutput]
  /// The outputs that compare by which one they are.
  let gifts: [GiftField]
  /// The buffers behind pointers that the kernel may write to.
  let outBuffers: [OutBuffer]
  /// The outputs that tell a time, which no two runs have in common.
  let clocks: [VariableOutput]
  /// Moments until which the caller waits.
  let deadlines: [FieldSpan]
  /// The outputs that tell which GPU it is, which no two boards need have in common.
  let silicon: [VariableOutput]
  /// The handle that a success forgets.
  let released: FieldSpan?

  init(
    _ name: String, _ request: UInt, _ parts: LayoutPart..., stable: [StableOutput] = [],
    isRelease: Bool = false, releases: String? = nil, answersDescriptor: Bool = false,
    stringLimit: Int? = nil, clocks: [VariableOutput] = [],
    silicon: [VariableOutput] = []
  ) {
    self.name = name
    self.request = IoctlRequest(rawValue: request)
    let structure = StructLayout(parts)
    self.structure = structure
    self.stringLimit = stringLimit
    self.isRelease = isRelease
    self.answersDescriptor = answersDescriptor
    self.stable = stable
    self.clocks = clocks
    self.silicon = silicon
    released = releases.flatMap { structure.field($0)?.span }
    let handle = structure.fields.first { $0.kind == .handle(.gem) }?.span
    gifts = structure.fields.compactMap { GiftField($0, of: handle) }
    outBuffers = structure.fields.compactMap(OutBuffer.init)
    deadlines = structure.fields.filter { $0.kind == .deadline }.map(\.span)
  }

  /// Finds the layout of a request; nil where nobody knows it.
  ///
  /// As in the kernel only type and number select; `driver` is who answers at the descriptor.
  public static func find(_ request: IoctlRequest, driver: IoctlDriver?) -> IoctlLayout? {
    switch request.type {
    case UInt8(ascii: "d"):
      guard CDRM_COMMAND_BASE..<CDRM_COMMAND_END ~= request.number else {
        return core[request.number]
      }
      return switch driver {
      case .panthor: panthor[request.number]
      case .panfrost: panfrost[request.number]
      case .vgem: vgem[request.number]
      case .powervr: powervr[request.number]
      case nil: nil
      }
    case UInt8(ascii: "b"): return dmaBuf[request.number]
    case UInt8(ascii: "H"): return dmaHeap[request.number]
    case UInt8(ascii: "u"): return udmabuf[request.number]
    case UInt8(ascii: ">"): return syncFile[request.number]
    default: return nil
    }
  }

  /// Names a request: `PANTHOR_BO_SYNC`, or its type and number where nobody knows it.
  public static func name(of request: IoctlRequest, driver: IoctlDriver?) -> String {
    find(request, driver: driver)?.name
      ?? "ioctl 0x\(String(request.type, radix: 16)):0x\(String(request.number, radix: 16))"
  }

  /// Every layout that is known, with the driver it belongs to; nil for those of no single driver.
  public static let all: [(driver: IoctlDriver?, layout: IoctlLayout)] =
    [core, dmaBuf, dmaHeap, udmabuf, syncFile].flatMap { $0.layouts.map { (nil, $0) } }
    + panthor.layouts.map { (.panthor, $0) } + panfrost.layouts.map { (.panfrost, $0) }
    + vgem.layouts.map { (.vgem, $0) } + powervr.layouts.map { (.powervr, $0) }
}

/// Layouts by number.
struct IoctlLayoutTable: Sendable {
  private var entries: [IoctlLayout?] = []

  init(_ list: [IoctlLayout]) {
    for layout in list {
      let number = layout.request.number
      while entries.count <= number { entries.append(nil) }
      entries[number] = layout
    }
  }

  subscript(number: Int) -> IoctlLayout? { number < entries.count ? entries[number] : nil }

  var layouts: [IoctlLayout] { entries.compactMap { $0 } }
}
