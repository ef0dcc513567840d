// SPDX-License-Identifier: MIT

@_spi(ProposedSync) package import DRM
public import DRMKernel

/// The device a script is to run on, and what stands beside it.
public struct ScriptMachine: Sendable {
  /// A node that can be opened.
  public struct Node: Hashable, Sendable {
    public let path: String
    /// The kernel's name for its driver.
    public let driver: String

    /// Creates a node.
    public init(path: String, driver: String) {
      self.path = path
      self.driver = driver
    }
  }

  public let kernel: Kernel
  /// The device that was asked for: it is the script's first node.
  public let device: Node
  /// The machine's other nodes, in the order in which they are taken.
  public let neighbours: [Node]
  /// What models its caches and can run jobs by itself; nil where the kernel is no model.
  public let model: (any ModelledMachine)?
  /// How jobs come to run there.
  public let jobs: JobExecution
  /// The variant of the sync ABI that its kernel has.
  package let abi: SyncABI

  /// Creates a description.
  package init(
    kernel: Kernel, device: Node, neighbours: [Node] = [], model: (any ModelledMachine)? = nil,
    jobs: JobExecution = .modelled, abi: SyncABI = .merged
  ) {
    self.kernel = kernel
    self.device = device
    self.neighbours = neighbours
    self.model = model
    self.jobs = jobs
    self.abi = abi
  }
}
