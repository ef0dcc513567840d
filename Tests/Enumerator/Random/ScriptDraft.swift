// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import Fuzzing
internal import Litmus

/// A script under generation: its nodes and buffers, and the steps so far.
struct ScriptDraft {
  /// How the script maintains CPU caches.
  enum Method {
    case ioctl, userland, dmaBuf
    /// The form of the series as proposed.
    case proposed
  }

  private(set) var nodes: [(name: String, driver: ScriptDriver)] = []
  var steps: [DraftStep] = []
  /// The number of initial steps that are never changed.
  private(set) var setUp = 0
  private(set) var method: Method
  /// The buffers that the CPU accesses.
  private(set) var cpuBuffers: [String] = []
  /// The buffers that jobs access, with their nodes.
  private(set) var deviceBuffers: [(buffer: String, node: String)] = []
  private var ranges: [Range<UInt64>] = []
  private var running: [String] = []
  private var jobs = 0

  init(_ random: inout SeededRandom) {
    method = random.pick(.ioctl, .ioctl, .ioctl, .userland, .dmaBuf, .dmaBuf, .dmaBuf, .proposed)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<45: useOneDevice(&random)
    case 45..<70: useTwoDevices(&random)
    default: useExporter(&random)
    }
    setUp = steps.count
    let start = random.pick(0, 0, 4, 32, 60, 64) as UInt64
    let size = random.pick(4, 4, 8, 64) as UInt64
    ranges = [start..<start + size]
    // Other bytes of the line, the bytes right after, or another line.
    let other = random.pick(start ^ 8, start + size, start + 64) as UInt64
    ranges.append(other..<other + (random.pick(4, 4, 8) as UInt64))
  }

  private mutating func useOneDevice(_ random: inout SeededRandom) {
    nodes = [("gpu", Self.gpu(&random))]
    create("a", &random)
    (cpuBuffers, deviceBuffers) = (["a"], [("a", "gpu")])
    if random.chance(15) {
      create("b", &random)
      cpuBuffers.append("b")
      deviceBuffers.append(("b", "gpu"))
    }
    if method == .dmaBuf { steps += cpuBuffers.map { .export($0) } }
  }

  private mutating func useTwoDevices(_ random: inout SeededRandom) {
    nodes = [("gpu", Self.gpu(&random)), ("other", Self.gpu(&random))]
    create("a", &random)
    steps += [.export("a"), .importing("b", from: "a", node: "other")]
    cpuBuffers = [random.chance(85) ? "a" : "b"]
    deviceBuffers = [("a", "gpu"), ("b", "other"), ("b", "other")]
    if random.chance(80) { cleanZeroes() }
  }

  private mutating func useExporter(_ random: inout SeededRandom) {
    let exporter = random.pick(
      ScriptDriver.systemHeap, .systemHeap, .systemHeap, .udmabuf, .udmabuf, .udmabuf, .drm(.vgem),
      .drm(.powervr))
    nodes = [("gpu", Self.gpu(&random)), ("memory", exporter)]
    steps.append(.create("a", node: "memory", flags: ""))
    if exporter.drm != nil { steps.append(.export("a")) }
    steps.append(.importing("b", from: "a", node: "gpu"))
    if random.chance(10) { nodes.append(("other", Self.gpu(&random))) }
    deviceBuffers = [("b", "gpu")]
    if nodes.count == 3 {
      steps.append(.importing("c", from: "a", node: "other"))
      deviceBuffers.append(("c", "other"))
    }
    cpuBuffers = [random.chance(60) ? "a" : "b"]
    if method == .ioctl || method == .proposed, random.chance(80) {
      method = random.pick(.dmaBuf, .userland)
    }
    if exporter != .systemHeap, random.chance(80) { cleanZeroes() }
  }

  private static func gpu(_ random: inout SeededRandom) -> ScriptDriver {
    random.pick(.drm(.panthor), .drm(.panfrost))
  }

  private mutating func create(_ buffer: String, _ random: inout SeededRandom) {
    let flags = random.chance(88) ? ", flags: [wb_mmap]" : ""
    steps.append(.create(buffer, node: "gpu", flags: flags))
  }

  /// Adds the START and END that write the zeroes of a new BO to memory.
  private mutating func cleanZeroes() {
    let buffer = "a"
    steps += [.bracket(isEnd: false, buffer, .write), .bracket(isEnd: true, buffer, .write)]
  }

  var hasRead: Bool {
    steps.contains { step in
      switch step {
      case .access(let access): !access.isWrite
      case .submit(let job): job.accesses.contains { !$0.isWrite }
      default: false
      }
    }
  }

  /// Adds a CPU write and its flush.
  mutating func write(_ random: inout SeededRandom) {
    if random.chance(85) { waitForAll() }
    let (buffer, range) = (pickBuffer(&random), pickRange(&random))
    let access = DraftStep.access(.init(isWrite: true, buffer: buffer, range: range))
    if method == .dmaBuf {
      let type = random.pick(ScriptAccessType.write, .write, .readWrite)
      steps += [.bracket(isEnd: false, buffer, type), access, .bracket(isEnd: true, buffer, type)]
    } else {
      if random.chance(40) { sync(buffer, range, "flush_and_invalidate") }
      steps.append(access)
      sync(buffer, range, random.pick("flush", "flush", "flush_and_invalidate"))
    }
  }

  /// Adds an invalidation and a CPU read.
  mutating func read(_ random: inout SeededRandom) {
    if random.chance(92) { waitForAll() }
    let (buffer, range) = (pickBuffer(&random), pickRange(&random))
    let access = DraftStep.access(.init(isWrite: false, buffer: buffer, range: range))
    if method == .dmaBuf {
      let type = random.pick(ScriptAccessType.read, .read, .readWrite)
      steps += [.bracket(isEnd: false, buffer, type), access]
      if random.chance(80) { steps.append(.bracket(isEnd: true, buffer, type)) }
    } else {
      sync(buffer, range, "flush_and_invalidate")
      steps.append(access)
    }
  }

  /// Adds a job of one to three accesses, `writes` percent of them writes, and often a wait for it.
  mutating func submit(_ random: inout SeededRandom, writes: Int) {
    guard let first = deviceBuffers.randomElement(using: &random) else { return }
    let own = deviceBuffers.filter { $0.node == first.node }.map(\.buffer)
    let count = random.pick(1, 1, 1, 2, 2, 3)
    let accesses = (0..<count).map { _ in
      DraftStep.Access(
        isWrite: random.chance(writes), buffer: own.randomElement(using: &random) ?? first.buffer,
        range: pickRange(&random))
    }
    let after = running.filter { _ in random.chance(70) }
    let name = "j\(jobs)"
    jobs += 1
    steps.append(
      .submit(
        .init(
          name: name, node: first.node, queue: random.pick("q0", "q0", "q1"), after: after,
          accesses: accesses)))
    running.append(name)
    if random.chance(60) { waitForAll() }
  }

  private mutating func waitForAll() {
    steps += running.map { .wait($0) }
    running = []
  }

  mutating func sync(_ buffer: String, _ range: Range<UInt64>, _ operation: String) {
    let how =
      switch method {
      case .ioctl, .dmaBuf: "op: \(operation)"
      case .userland: "op: \(operation), method: userland"
      case .proposed where operation == "flush": "for: device, access: read_write"
      case .proposed: "for: cpu, access: read"
      }
    steps.append(.sync([.init(buffer: buffer, range: range, how: how)]))
  }

  func pickRange(_ random: inout SeededRandom) -> Range<UInt64> {
    random.chance(72) ? ranges[0] : ranges[1]
  }

  func pickBuffer(_ random: inout SeededRandom) -> String {
    cpuBuffers.randomElement(using: &random) ?? "a"
  }
}
