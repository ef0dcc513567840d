// SPDX-License-Identifier: MIT

internal import DRMKernel
public import UAPILayouts

/// What a call returned, without the numbers of one run: equal outcomes compare equal.
public struct CallOutcome: Hashable, Sendable {
  /// A negated errno or the returned value; the order of appearance of a descriptor or mapping.
  public var result: Int64
  /// The resources that the argument names, in the order of its fields.
  public var resources: [ReturnedResource]
  /// An ioctl's argument after the call, then each buffer that it may have written; the bytes of a load.
  ///
  /// The bytes of ``resources``, of the call's links and of times are 0.
  public var bytes: [UInt8]

  /// Creates an outcome.
  public init(_ result: Int64, resources: [ReturnedResource] = [], bytes: [UInt8] = []) {
    self.result = result
    self.resources = resources
    self.bytes = bytes
  }

  /// The outcome of a call that failed.
  static func failure(_ errno: Errno) -> CallOutcome { CallOutcome(Int64(errno.answer)) }

  /// Whether the call failed.
  public var isFailure: Bool { result < 0 }
}

/// A resource whose number the kernel chose, identified by its order of appearance.
public struct ReturnedResource: Hashable, Sendable, CustomStringConvertible {
  public typealias Kind = ReturnedField.Kind

  public var kind: Kind
  /// The order of appearance among resources of its kind, from 1.
  public var number: Int

  /// Creates a resource.
  public init(_ kind: Kind, _ number: Int) {
    self.kind = kind
    self.number = number
  }

  /// The kind and the number: `fd 3`.
  public var description: String { "\(kind.traceName) \(number)" }
}

extension ReturnedField.Kind {
  /// The name of the kind in traces.
  var traceName: String {
    switch self {
    case .descriptor: "fd"
    case .fakeOffset: "offset"
    case .gpuAddress: "gpu address"
    }
  }
}

/// The parts of an ioctl's outcome: the argument, and each buffer that it may have written.
struct OutcomeParts {
  private(set) var argument: [UInt8] = []
  /// The buffers, in the order of the layout.
  private(set) var buffers: [[UInt8]] = []
  private(set) var resources: [FieldSpan: ReturnedResource] = [:]

  init(_ outcome: CallOutcome, of call: IoctlCall) {
    let size = call.argumentSize
    argument = Array(outcome.bytes.prefix(size))
    guard let layout = call.layout else { return }
    var rest = outcome.bytes.dropFirst(size)
    for buffer in layout.outBuffers {
      let count = call.count(of: buffer, argument, after: outcome.result)
      buffers.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    var left = outcome.resources[...]
    for field in layout.returnedFields where left.first?.kind == field.kind {
      resources[field.span] = left.removeFirst()
    }
  }

  /// Returns a field's resource or value as text; nil where the argument is too short.
  func text(of field: LayoutField) -> String? {
    if let resource = resources[field.span] { return resource.description }
    return argument.number(field.span) == nil ? nil : field.text(in: argument)
  }
}
