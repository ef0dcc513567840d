// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

/// Makes up calls: valid ones, nearly valid ones and hostile ones, by what earlier calls gave.
///
/// It keeps away from jobs that nobody would run, from anything that exhausts memory, and from calls
/// that make a right kernel print a WARN, or worse: an array of billions of elements, an advice nobody knows,
/// and a context of a priority that is not allowed.
struct FuzzGrammar {
  /// A way to make up a step, and how often it is gone; nil where nothing is there to do it with.
  typealias Production = (weight: Int, draw: @Sendable (inout FuzzGrammar) -> FuzzStep?)

  var dice: Dice
  var model = FuzzModel()
  let world: FuzzWorld
  private let productions: [Production]
  private let weights: Int
  private(set) var nextID = 0
  /// Whether this sequence makes VMs until there are too many.
  let hoardsVMs: Bool

  // At most so many of each are alive.
  static let mostFiles = 6
  static let mostHandles = 40
  static let mostDMABufs = 16
  static let mostMappings = 24
  static let mostBytes: UInt64 = 64 << 20

  init(seed: UInt64, world: FuzzWorld) {
    dice = Dice(seed: seed)
    hoardsVMs = dice.chance(20)
    self.world = world
    let driven =
      world.driver == .panthor
      ? Self.panthor + Self.panthorGroups : Self.panfrost + Self.panfrostJobs
    productions = Self.common + driven
    weights = productions.reduce(0) { $0 + $1.weight }
  }

  /// Makes up the next step.
  mutating func next() -> FuzzStep {
    for _ in 0..<16 {
      var rest = dice.below(weights)
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

  /// Takes note of what a step answered.
  mutating func note(_ step: FuzzStep, _ answer: Answer) {
    if !answer.isFailure { model.note(step, answer) }
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

  /// An ioctl whose argument is a struct, now and then at a bad address, too short or too long.
  ///
  /// - Parameter givesDescriptor: whether success puts a descriptor into the argument.
  mutating func ioctl<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: Argument, on file: Int, driver: IoctlDriver? = nil,
    links: [CallRegion.Link] = [], handles: [FuzzStep.HandleSlot] = [],
    effect: FuzzStep.Effect = .none, givesDescriptor: Bool = false
  ) -> FuzzStep {
    let bytes = unsafe withUnsafeBytes(of: argument) { unsafe Array($0) }
    var effect = effect
    var request = IoctlRequest(rawValue: request)
    var memory = CallMemory.region(CallRegion(bytes, links: links))
    let roll = dice.below(100)
    // A descriptor that the caller does not get to see would never be closed.
    let isShort = 2...6 ~= roll
    switch givesDescriptor && isShort ? 99 : roll {
    case 0:
      memory = dice.one(of: .null, .wild(0x1000), .wild(1 << 60), .wild(.max - 7))
    case 1:
      memory = .region(
        CallRegion(Array(bytes.prefix(dice.below(bytes.count))), isCutOff: true))
    case 2, 3:
      let size = dice.one(of: 0, 4, 8, bytes.count / 2, bytes.count - 4, bytes.count - 1)
      // Half of an impossible BO's size may be one that only exhausts memory.
      let least = if case .creates = effect { 8 } else { 0 }
      request = request.resized(to: max(size, least))
      memory = .region(
        CallRegion(
          Array(bytes.prefix(request.size)),
          links: links.filter { $0.offset + 8 <= request.size }))
    case 4, 5:
      let longer = bytes.count + dice.one(of: 1, 4, 8, 40, 200)
      request = request.resized(to: longer)
      let tail = dice.chance(50) ? UInt8(0) : 0xa5
      memory = .region(
        CallRegion(
          bytes + [UInt8](repeating: tail, count: longer - bytes.count), links: links))
    case 6:
      request = request.directed(in: dice.chance(50), out: dice.chance(50))
      // What is not handed back is not known.
      if !request.isOut, effect.isToldByOutput { effect = .none }
    default: break
    }
    return step(
      .ioctl(IoctlCall(.given(file), request, driver: driver, memory)),
      handles: handles, effect: effect)
  }

  // MARK: What there is

  /// An open file of the tested driver with at least one handle, most of the time.
  mutating func testedFile() -> FuzzModel.File? {
    let tested = model.files.filter(\.isTested)
    let owning = tested.filter { !$0.handles.isEmpty }
    return dice.pick(owning.isEmpty || dice.chance(10) ? tested : owning)
  }

  /// A file with handles, of whatever driver.
  mutating func anyFile() -> FuzzModel.File? {
    dice.pick(model.files.filter { $0.kind != .udmabuf })
  }

  /// A handle of a file, or a number that names none: what it names must be known, or a call may do what is
  /// to be kept away from.
  mutating func handle(
    of file: FuzzModel.File
  ) -> (number: UInt32, handle: FuzzModel.Handle?) {
    guard dice.chance(90), let handle = dice.pick(file.handles) else {
      return (dice.one(of: 0, 100, 4097, 0x7fff_ffff, .max), nil)
    }
    return (handle.number, handle)
  }

  /// Where a handle stands in an argument, if it is one.
  func slots(
    _ handle: FuzzModel.Handle?, at offset: Int, link: Int? = nil
  ) -> [FuzzStep.HandleSlot] {
    handle.map { [.init(link: link, offset: offset, giver: $0.step)] } ?? []
  }

  /// Zero, most of the time.
  mutating func pad() -> UInt32 {
    dice.chance(95) ? 0 : dice.one(of: 1, 0x8000_0000, .max)
  }

  /// A page-rounded size.
  func rounded(_ size: UInt64) -> UInt64 {
    (size + world.pageSize - 1) / world.pageSize * world.pageSize
  }

  /// A range of a BO: within, at its ends, just past them, or wrapping.
  mutating func range(of size: UInt64) -> (offset: UInt64, size: UInt64) {
    switch dice.below(20) {
    case 0: return (size, 0)
    case 1: return (size + 1, 0)
    case 2: return (0, size + 1)
    case 3: return (.max, 2)
    case 4: return (size - min(size, 1), 1)
    case 5: return (0, 0)
    case 6: return (0xffff_f000, 0x2000)
    case 7, 8, 9: return (0, size)
    default:
      let offset = UInt64(dice.below(Int(size)))
      return (offset, UInt64(dice.below(Int(size - offset) + 1)))
    }
  }

  /// A label: of ordinary length, at the limits, at a bad address, or without an end.
  mutating func label() -> CallMemory {
    switch dice.below(12) {
    case 0: return .null
    case 1: return .wild(0x2000)
    case 2: return .region(CallRegion([UInt8](repeating: 0x78, count: 4095) + [0]))
    case 3: return .region(CallRegion([UInt8](repeating: 0x78, count: 4096) + [0]))
    case 4:
      return .region(CallRegion([UInt8](repeating: 0x78, count: dice.below(300)), isCutOff: true))
    case 5: return .region(CallRegion([0]))
    default:
      return .region(CallRegion([UInt8](repeating: 0x61, count: 1 + dice.below(64)) + [0]))
    }
  }
}
