// SPDX-License-Identifier: MIT

internal import CDRM
public import DRMDrivers
public import DRMKernel

/// The layout of one ioctl's argument: the names, positions and meanings of its fields.
///
/// A layout states nothing about what the ioctl does. Recording, replaying, printing and generating calls
/// need no more than this.
public final class IoctlLayout: Sendable {
  /// The kernel's name without `DRM_IOCTL_`: `PANTHOR_BO_SYNC`.
  public let name: String
  /// The request as in the kernel's headers; a caller may pass another size or direction.
  public let request: IoctlRequest
  /// The struct that the argument points to; empty where the argument is a string.
  public let structure: StructLayout
  /// For an argument that is the address of a string: the longest string in bytes, with its NUL.
  public let stringLimit: Int?
  /// Whether the ioctl only releases something, so that a success carries no information.
  public let isRelease: Bool
  /// Whether the ioctl returns a descriptor as its result.
  public let returnsDescriptor: Bool
  /// The outputs with the same value in every run, in the order in which they are shown.
  public let stable: [StableOutput]
  /// The outputs that name a resource, which compare by order of appearance.
  public let returnedFields: [ReturnedField]
  /// The buffers behind pointers that the kernel may write to.
  public let outBuffers: [OutBuffer]
  /// The outputs that hold a time, which differs in every run.
  public let times: [VariableOutput]
  /// The fields with an absolute time at which a wait ends.
  public let deadlines: [FieldSpan]
  /// The outputs that describe the GPU and not the driver, which differ between boards.
  public let hardware: [VariableOutput]
  /// The field with the GEM handle that a success closes.
  public let released: FieldSpan?

  init(
    _ name: String, _ request: UInt, _ parts: LayoutPart..., stable: [StableOutput] = [],
    isRelease: Bool = false, releases: String? = nil, returnsDescriptor: Bool = false,
    stringLimit: Int? = nil, times: [VariableOutput] = [],
    hardware: [VariableOutput] = []
  ) {
    let structure = StructLayout(parts)
    let handle = structure.fields.first { $0.kind == .handle(.gem) }?.span
    (self.name, self.request) = (name, IoctlRequest(rawValue: request))
    (self.structure, self.stringLimit) = (structure, stringLimit)
    (self.isRelease, self.returnsDescriptor) = (isRelease, returnsDescriptor)
    (self.stable, self.times, self.hardware) = (stable, times, hardware)
    released = releases.flatMap { structure.field($0)?.span }
    returnedFields = structure.fields.compactMap { ReturnedField($0, of: handle) }
    outBuffers = structure.fields.compactMap(OutBuffer.init)
    deadlines = structure.fields.filter { $0.kind == .deadline }.map(\.span)
  }

  /// Returns the layout of a request; nil for an unknown one.
  ///
  /// As in the kernel, only the type and the number select it.
  ///
  /// - Parameter driver: the driver of the device that the descriptor names.
  public static func find(_ request: IoctlRequest, driver: DRMDriver?) -> IoctlLayout? {
    switch request.type {
    case UInt8(ascii: "d"):
      guard CDRM_COMMAND_BASE..<CDRM_COMMAND_END ~= request.number else {
        return core[request.number]
      }
      return driver.flatMap { table(of: $0)[request.number] }
    case UInt8(ascii: "b"): return dmaBuf[request.number]
    case UInt8(ascii: "H"): return dmaHeap[request.number]
    case UInt8(ascii: "u"): return udmabuf[request.number]
    case UInt8(ascii: ">"): return syncFile[request.number]
    default: return nil
    }
  }

  /// Returns the layout of a request on a dma-heap, which looks at the number only.
  public static func find(onHeap number: Int) -> IoctlLayout? { dmaHeap[number] }

  /// Whether an ioctl without a layout has no meaning anywhere, so that it only tests how unknown ones are refused.
  public static func isUnassigned(_ request: IoctlRequest) -> Bool {
    switch request.type {
    case UInt8(ascii: "d"):
      CDRM_COMMAND_BASE..<CDRM_COMMAND_END ~= request.number || unassigned.contains(request.number)
    case UInt8(ascii: "b"), UInt8(ascii: "H"), UInt8(ascii: "u"), UInt8(ascii: ">"),
      UInt8(ascii: "x"):
      true
    default: false
    }
  }

  // Numbers of the DRM core that Linux does not use, or no longer.
  private static let unassigned: Set = [0x04, 0x0e, 0xff]

  /// Returns a request's name: `PANTHOR_BO_SYNC`, or type and number where it is unknown.
  public static func name(of request: IoctlRequest, driver: DRMDriver?) -> String {
    find(request, driver: driver)?.name
      ?? "ioctl 0x\(String(request.type, radix: 16)):0x\(String(request.number, radix: 16))"
  }

  /// Every known layout with its driver; the driver is nil for ioctls that are not a DRM driver's own.
  public static let all: [(driver: DRMDriver?, layout: IoctlLayout)] =
    [core, dmaBuf, dmaHeap, udmabuf, syncFile].flatMap { $0.layouts.map { (nil, $0) } }
    + DRMDriver.allCases.flatMap { driver in table(of: driver).layouts.map { (driver, $0) } }

  /// Every known layout by its name; names are unique.
  public static let byName = Dictionary(
    all.map { ($0.layout.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// Returns the number after the last known ioctl of a driver, such as 0x51 for panthor.
  public static func numberPastLast(of driver: DRMDriver) -> Int { table(of: driver).count }

  // The numbers of driver ioctls overlap between drivers.
  private static func table(of driver: DRMDriver) -> IoctlLayoutTable {
    switch driver {
    case .panthor: panthor
    case .panfrost: panfrost
    case .powervr: powervr
    case .vgem: vgem
    }
  }
}

/// Layouts by the number of their request.
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

  /// The number after the highest one.
  var count: Int { entries.count }

  var layouts: [IoctlLayout] { entries.compactMap { $0 } }
}
