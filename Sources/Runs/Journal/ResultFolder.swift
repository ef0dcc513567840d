// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
public import Reports

#if canImport(Glibc)
  internal import Glibc
#endif

/// The folder of a run: its plan, its journal, and a folder for each attempt that did not pass.
///
/// One process at a time has it. Closing it, or the end of the process however it comes, lets another go on with the run.
public final class ResultFolder: Sendable {
  public let path: String
  public let plan: Plan
  private let journal: Journal
  private let pruning = Guarded(())

  private static let planName = "plan.json"
  private static let journalName = "journal.jsonl"
  private static let itemsName = "items"
  private static let mostJournalBytes = 1 << 30
  /// What a folder without these files is.
  static let hint = "not the result folder of a run"

  private init(_ path: String, _ plan: Plan, _ journal: Journal) {
    (self.path, self.plan, self.journal) = (path, plan, journal)
  }

  /// The run so far.
  public var history: RunHistory { journal.history }

  /// Adds an event to the journal; it is on the disk when the call returns.
  ///
  /// - Throws: the error of the file, also in all later calls; or what the event contradicts.
  public func append(_ event: JournalEvent) throws(ResultFolderError) {
    try journal.append(event)
  }

  private var items: String { "\(path)/\(Self.itemsName)" }

  /// Names the folder of an attempt.
  public func itemFolder(_ item: Int, attempt: Int) -> ItemFolder {
    ItemFolder(item, attempt, in: items)
  }

  /// Creates the folder of an attempt, empty.
  public func makeItemFolder(
    _ item: Int, attempt: Int
  ) throws(ResultFolderError) -> ItemFolder {
    let folder = itemFolder(item, attempt: attempt)
    // A run that was killed before the attempt began has left one.
    try FolderTree.remove(folder.path)
    try FolderTree.make(folder.path)
    return folder
  }

  /// Removes the folder of an attempt, such as one that passed.
  public func remove(_ folder: ItemFolder) throws(ResultFolderError) {
    try FolderTree.remove(folder.path)
  }

  /// Removes the folders of the oldest attempts until all of them together have at most `limit` bytes.
  ///
  /// Those of attempts in flight stay. The journal has an event for each that is removed.
  public func prune(to limit: Int) throws(ResultFolderError) {
    try pruning.withLock { _ throws(ResultFolderError) in
      let history = history
      var ages: [RunHistory.Attempt: Int] = [:]
      for (age, attempt) in history.attempts.enumerated() { ages[attempt] = age }
      let inFlight = Set(history.inFlight)
      var folders: [(folder: ItemFolder, age: Int, size: Int)] = []
      for name in FolderTree.names(in: items) {
        guard let folder = ItemFolder(named: name, in: items, of: plan) else { continue }
        let attempt = RunHistory.Attempt(item: folder.item, number: folder.attempt)
        guard !inFlight.contains(attempt) else { continue }
        folders.append((folder, ages[attempt] ?? -1, FolderTree.size(of: folder.path)))
      }
      var total = FolderTree.size(of: items)
      for (folder, _, size) in folders.sorted(by: { $0.age < $1.age }) where total > limit {
        // Removed first: the event needs space on a full disk too.
        try remove(folder)
        total -= size
        try append(.pruned(item: folder.item, attempt: folder.attempt, bytes: size))
      }
    }
  }
}

extension ResultFolder {
  /// Creates the folder of a new run: it appears whole, by one rename, and never replaces anything.
  ///
  /// Where a file system cannot rename without replacing, an empty folder of the name is created first, which the
  /// rename replaces; a power loss between the two leaves the empty folder.
  ///
  /// - Throws: one line with the errno, where the folder exists or cannot be created.
  public static func create(at path: String, plan: Plan) throws(ReportError) -> ResultFolder {
    let path = trimmed(path)
    if let reason = plan.fault { throw ReportError(description: "the plan: \(reason)") }
    var status = stat()
    let isThere = unsafe lstat(path, &status) == 0
    guard !isThere else { throw exists(path) }
    guard errno == ENOENT else { throw ReportError(path.printable, errno: errno) }
    let parent = parent(of: path)
    let hidden = "\(parent)/.gemsync-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    guard unsafe mkdir(hidden, 0o777) == 0 else {
      throw ReportError(path.printable, errno: errno)
    }
    do throws(ReportError) {
      let journal = try fill(hidden, plan, for: path)
      try publish(hidden, as: path)
      try OpenFile(parent, O_RDONLY | O_DIRECTORY).sync()
      return ResultFolder(path, plan, journal)
    } catch {
      try? FolderTree.remove(hidden)
      throw ReportError(description: error.description.replacing(hidden, with: path))
    }
  }

  /// Returns the report of a run so far, without going on with it; another process may.
  public static func report(at path: String) throws(ReportError) -> Report {
    let path = trimmed(path)
    let plan = try Plan(contentsOf: "\(path)/\(planName)")
    let name = "\(path)/\(journalName)"
    let bytes = try OpenFile.contents(of: name, atMost: mostJournalBytes, hint)
    return try JournalReader(plan, bytes, named: name).history.report()
  }

  /// Opens the folder of a run that goes on in this process.
  ///
  /// What a kill or a power loss left of an event is taken off the journal, and an item in flight becomes
  /// `incomplete`. The journal of a run that is not finished then has the event `resumed`.
  ///
  /// - Throws: one line that names the file, and its line where there is one; also where another process has the folder.
  public static func open(at path: String) throws(ReportError) -> ResultFolder {
    let path = trimmed(path)
    // The folder's own error comes first.
    _ = try OpenFile(path, O_RDONLY | O_DIRECTORY)
    let plan = try Plan(contentsOf: "\(path)/\(planName)")
    let name = "\(path)/\(journalName)"
    let file = try OpenFile(name, O_RDWR | O_APPEND | O_NOFOLLOW, hint)
    guard try file.lock() else {
      throw ReportError(description: "\(path): in use by another process".printable)
    }
    let bytes = try file.contents(atMost: mostJournalBytes)
    let reader = try JournalReader(plan, bytes, named: name)
    if reader.size < bytes.count, ftruncate(file.number, off_t(reader.size)) != 0 {
      throw file.error(errno)
    }
    let folder = ResultFolder(
      path, plan, Journal(file, size: reader.size, reader.history))
    do throws(ResultFolderError) {
      try folder.resume()
    } catch {
      throw ReportError(description: error.description)
    }
    return folder
  }

  private func resume() throws(ResultFolderError) {
    let (history, boot) = (history, Boot.current)
    if !FolderTree.isFolder(items) { try FolderTree.make(items) }
    guard let last = history.boot else { return try append(.start(boot)) }
    guard !history.isFinished else { return }
    let end = last.id == boot.id ? "the runner ended" : "the machine restarted"
    for attempt in history.inFlight {
      let lastCall = itemFolder(attempt.item, attempt: attempt.number).lastCall
      let row = history.incomplete(attempt.item, "\(end); \(lastCall)")
      try append(.ended(item: attempt.item, attempt: attempt.number, row: row))
    }
    try append(.resumed(boot))
  }

  /// Writes the files of a run into an empty folder, and takes its lock.
  private static func fill(
    _ folder: String, _ plan: Plan, for path: String
  ) throws(ReportError) -> Journal {
    let new = O_CREAT | O_EXCL
    try OpenFile("\(folder)/\(planName)", O_WRONLY | new).write(JSON.line(plan))
    let file = try OpenFile("\(folder)/\(journalName)", O_RDWR | O_APPEND | new)
    guard try file.lock() else { throw file.error(EWOULDBLOCK) }
    let name = "\(path)/\(journalName)"
    let journal = Journal(file, named: name, size: 0, RunHistory(plan))
    do throws(ResultFolderError) {
      try journal.append(.start(.current))
      try FolderTree.make("\(folder)/\(itemsName)")
    } catch {
      throw ReportError(description: error.description)
    }
    try OpenFile(folder, O_RDONLY | O_DIRECTORY).sync()
    return journal
  }

  /// Gives a folder a name that nothing has.
  private static func publish(_ folder: String, as path: String) throws(ReportError) {
    var answer = unsafe cdrm_rename_new(folder, path)
    if answer == -EINVAL || answer == -ENOSYS {
      guard unsafe mkdir(path, 0o777) == 0 else { throw ReportError(path.printable, errno: errno) }
      answer = unsafe rename(folder, path) == 0 ? 0 : -errno
      if answer != 0 { _ = unsafe rmdir(path) }
    }
    guard answer != -EEXIST else { throw exists(path) }
    guard answer == 0 else { throw ReportError(path.printable, errno: -answer) }
  }

  private static func exists(_ path: String) -> ReportError {
    let sentence = DRMKernel.Errno(rawValue: EEXIST).sentence
    return ReportError(
      description: "\(path): \(sentence) (--resume goes on with the run in it)".printable)
  }

  private static func trimmed(_ path: String) -> String {
    var path = path[...]
    while path.count > 1, path.last == "/" { path.removeLast() }
    return String(path)
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
