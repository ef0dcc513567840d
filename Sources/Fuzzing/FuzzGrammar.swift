// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import CallTrace

/// Generates valid, nearly valid and hostile calls, with the resources that earlier calls returned.
///
/// It leaves out jobs that never end, allocations that exhaust memory, and calls after which a correct
/// kernel prints a WARN or crashes: an array of billions of elements, an unknown advice, and a context of a
/// priority that is not allowed.
struct FuzzGrammar {
  /// A generator of one kind of step and its weight; it returns nil where the model has nothing to use.
  typealias Production = (weight: Int, draw: @Sendable (inout FuzzGrammar) -> FuzzStep?)

  var random: SeededRandom
  var model = FuzzModel()
  let world: FuzzWorld
  private let productions: [Production]
  private let weights: Int
  private(set) var nextID = 0
  /// Whether this sequence creates VMs up to the driver's limit.
  let hoardsVMs: Bool

  // The limits of what is alive at once.
  static let mostFiles = 6
  static let mostHandles = 40
  static let mostDMABufs = 16
  static let mostMappings = 24
  static let mostBytes: UInt64 = 64 << 20

  init(seed: UInt64, world: FuzzWorld) {
    random = SeededRandom(seed: seed)
    hoardsVMs = random.chance(20)
    self.world = world
    productions = Self.common + (Self.productions(of: world.driver) ?? [])
    weights = productions.reduce(0) { $0 + $1.weight }
  }

  /// Generates the next step.
  mutating func next() -> FuzzStep {
    for _ in 0..<16 {
      var rest = random.below(weights)
      for (weight, draw) in productions {
        if rest < weight {
          if let step = draw(&self) { return step }
          break
        }
        rest -= weight
      }
    }
    return open()
  }

  /// Updates the model with the outcome of a step.
  mutating func note(_ step: FuzzStep, _ outcome: CallOutcome) {
    if !outcome.isFailure { model.note(step, outcome) }
  }

  /// Returns the generators for a driver's ioctls; nil for a driver that cannot be fuzzed.
  static func productions(of driver: DRMDriver) -> [Production]? {
    switch driver {
    case .panthor: panthor + panthorGroups
    case .panfrost: panfrost + panfrostJobs
    case .powervr, .vgem: nil
    }
  }

  private static let common: [Production] = [
    (3, { $0.openIfFew() }), (2, { $0.closeSomething() }), (6, { $0.closeHandle() }),
    (6, { $0.map() }), (4, { $0.unmap() }), (3, { $0.store() }), (4, { $0.load() }),
    (4, { $0.export() }), (5, { $0.importDMABuf() }), (6, { $0.syncDMABuf() }),
    (3, { $0.dmaBufCall() }), (2, { $0.seek() }), (1, { $0.pollSomething() }),
    (1, { $0.duplicate() }), (2, { $0.mapDMABuf() }), (4, { $0.coreCall() }),
    (3, { $0.syncobjCall() }),
    (1, { $0.unknownCall() }), (1, { $0.makeUDMABuf() }), (2, { $0.makeDumb() }),
  ]

  // MARK: Steps

  mutating func step(
    _ call: Call, handles: [FuzzStep.HandleSlot] = [], effect: FuzzStep.Effect = .none
  ) -> FuzzStep {
    defer { nextID += 1 }
    return FuzzStep(id: nextID, call: call, handles: handles, effect: effect)
  }

  /// An ioctl with a struct as argument, which is sometimes at a bad address, too short or too long.
  ///
  /// - Parameter returnsDescriptor: whether a success writes a descriptor to the argument.
  mutating func ioctl<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: Argument, on file: Int, driver: DRMDriver? = nil,
    links: [CallRegion.Link] = [], handles: [FuzzStep.HandleSlot] = [],
    effect: FuzzStep.Effect = .none, returnsDescriptor: Bool = false
  ) -> FuzzStep {
    let bytes = unsafe withUnsafeBytes(of: argument) { unsafe Array($0) }
    var effect = effect
    var request = IoctlRequest(rawValue: request)
    var memory = CallMemory.region(CallRegion(bytes, links: links))
    let roll = random.below(100)
    // A descriptor that is not copied to the caller would never be closed.
    let isShort = 2...6 ~= roll
    switch returnsDescriptor && isShort ? 99 : roll {
    case 0:
      memory = random.one(of: .null, .wild(0x1000), .wild(1 << 60), .wild(.max - 7))
    case 1:
      memory = .region(
        CallRegion(Array(bytes.prefix(random.below(bytes.count))), isCutOff: true))
    case 2, 3:
      let size = random.one(of: 0, 4, 8, bytes.count / 2, bytes.count - 4, bytes.count - 1)
      // A part of an invalid size may be a valid one that exhausts memory.
      let least = if case .creates = effect { 8 } else { 0 }
      request = request.resized(to: max(size, least))
      memory = .region(
        CallRegion(
          Array(bytes.prefix(request.size)),
          links: links.filter { $0.offset + 8 <= request.size }))
    case 4, 5:
      let longer = bytes.count + random.one(of: 1, 4, 8, 40, 200)
      request = request.resized(to: longer)
      let tail = random.chance(50) ? UInt8(0) : 0xa5
      memory = .region(
        CallRegion(
          bytes + [UInt8](repeating: tail, count: longer - bytes.count), links: links))
    case 6:
      request = request.directed(in: random.chance(50), out: random.chance(50))
      // Without a copy back the outputs are unknown.
      if !request.isOut, effect.isKnownFromOutput { effect = .none }
    default: break
    }
    return step(
      .ioctl(IoctlCall(.given(file), request, driver: driver, memory)),
      handles: handles, effect: effect)
  }

  /// An ioctl with its whole argument, for calls that a shorter argument would change.
  mutating func whole<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: Argument, on file: Int, driver: DRMDriver? = nil,
    links: [CallRegion.Link] = [], handles: [FuzzStep.HandleSlot] = [],
    effect: FuzzStep.Effect = .none
  ) -> FuzzStep {
    step(
      .ioctl(
        IoctlCall(
          .given(file), IoctlRequest(rawValue: request), driver: driver,
          .region(CallRegion(CallRegion(elements: [argument]).bytes, links: links)))),
      handles: handles, effect: effect)
  }

  /// An ioctl of the fuzzed driver; see ``ioctl(_:_:on:driver:links:handles:effect:returnsDescriptor:)``.
  mutating func driverCall<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: Argument, on file: FuzzModel.File, links: [CallRegion.Link] = [],
    handles: [FuzzStep.HandleSlot] = [], effect: FuzzStep.Effect = .none
  ) -> FuzzStep {
    ioctl(
      request, argument, on: file.step, driver: world.driver, links: links, handles: handles,
      effect: effect)
  }

  /// An ioctl on a BO of the fuzzed device, with the handle at the start of the argument.
  ///
  /// - Parameters:
  ///   - hasLabel: whether the argument has the address of a label at offset 8.
  ///   - returnsOffset: whether a success returns the BO's fake offset.
  mutating func handleCall<Argument: BitwiseCopyable>(
    _ request: UInt, hasLabel: Bool = false, returnsOffset: Bool = false,
    _ argument: (inout FuzzGrammar, UInt32) -> Argument
  ) -> FuzzStep? {
    guard let file = testedFile() else { return nil }
    let (number, handle) = handle(of: file)
    let argument = argument(&self, number)
    var effect = FuzzStep.Effect.none
    if returnsOffset, let handle { effect = .returnsOffset(of: handle.step, file: file.step) }
    return driverCall(
      request, argument, on: file, links: hasLabel ? [.init(at: 8, .pointer(label()))] : [],
      handles: slots(handle, at: 0), effect: effect)
  }

  // MARK: Arguments

  /// An open file of the fuzzed device, in most cases with at least one handle.
  mutating func testedFile() -> FuzzModel.File? {
    let tested = model.files.filter(\.isTested)
    let owning = tested.filter { !$0.handles.isEmpty }
    return random.pick(owning.isEmpty || random.chance(10) ? tested : owning)
  }

  /// An open file of any DRM driver.
  mutating func anyFile() -> FuzzModel.File? {
    random.pick(model.files.filter { $0.kind != .udmabuf })
  }

  /// A handle of a file, or a number that names none.
  ///
  /// The number never names a BO by chance, so that no call has an unknown effect.
  mutating func handle(
    of file: FuzzModel.File
  ) -> (number: UInt32, handle: FuzzModel.Handle?) {
    guard random.chance(90), let handle = random.pick(file.handles) else {
      return (random.one(of: 0, 100, 4097, 0x7fff_ffff, .max), nil)
    }
    return (handle.number, handle)
  }

  /// The position of a handle in an argument; empty for a number that names none.
  func slots(
    _ handle: FuzzModel.Handle?, at offset: Int, link: Int? = nil
  ) -> [FuzzStep.HandleSlot] {
    handle.map { [.init(link: link, offset: offset, source: $0.step)] } ?? []
  }

  /// A padding field: 0 in most cases.
  mutating func pad() -> UInt32 {
    random.chance(95) ? 0 : random.one(of: 1, 0x8000_0000, .max)
  }

  /// A size rounded up to pages.
  func rounded(_ size: UInt64) -> UInt64 {
    (size + world.pageSize - 1) / world.pageSize * world.pageSize
  }

  /// A range of a BO: inside, at its limits, just past them, or with an overflow.
  mutating func range(of size: UInt64) -> (offset: UInt64, size: UInt64) {
    switch random.below(20) {
    case 0: return (size, 0)
    case 1: return (size + 1, 0)
    case 2: return (0, size + 1)
    case 3: return (.max, 2)
    case 4: return (size - min(size, 1), 1)
    case 5: return (0, 0)
    case 6: return (0xffff_f000, 0x2000)
    case 7, 8, 9: return (0, size)
    default:
      let offset = UInt64(random.below(Int(size)))
      return (offset, UInt64(random.below(Int(size - offset) + 1)))
    }
  }

  /// A label: of ordinary length, at the limits, at a bad address, or without a NUL.
  mutating func label() -> CallMemory {
    switch random.below(12) {
    case 0: return .null
    case 1: return .wild(0x2000)
    case 2: return .region(CallRegion([UInt8](repeating: 0x78, count: 4095) + [0]))
    case 3: return .region(CallRegion([UInt8](repeating: 0x78, count: 4096) + [0]))
    case 4:
      return .region(CallRegion([UInt8](repeating: 0x78, count: random.below(300)), isCutOff: true))
    case 5: return .region(CallRegion([0]))
    default:
      return .region(CallRegion([UInt8](repeating: 0x61, count: 1 + random.below(64)) + [0]))
    }
  }
}
