// SPDX-License-Identifier: MIT

import ArgumentParser
import FoundationEssentials
import GuestImages

/// The tool that `Scripts/vm` uses to write what QEMU boots.
@main
struct GuestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemsync-guest",
    abstract: "Write the device tree source, register image and initramfs of a guest.",
    discussion: """
      Example:
        gemsync-guest --output DIR --busybox busybox --init Scripts/guest-init \\
          --modules ko/ --program gemsync -- check --device all
      """)

  @Option(help: "The directory for guest.dts, registers.bin and initramfs.cpio.")
  var output: String

  @Option(help: "The static busybox of the guest.")
  var busybox: String

  @Option(help: "The shell script that the guest runs as its first process.")
  var `init`: String

  @Option(help: "A directory of kernel modules, and the file 'order' with their load order.")
  var modules: String

  @Option(help: "The static gemsync of the guest.")
  var program: String

  @Option(help: "The size of the guest's RAM in MiB.")
  var memory: UInt64 = 512

  @Flag(
    inversion: .prefixedNo,
    help: "Write the Malis of the guest: device tree, registers and firmware.")
  var gpus = true

  @Flag(help: "Write firmware that the SoC model acknowledges, not one that acknowledges itself.")
  var modelledFirmware = false

  @Option(help: "Copy a file into the guest, to the same absolute path; may be repeated.")
  var file: [String] = []

  @Option(help: "Create a directory in the guest; may be repeated.")
  var directory: [String] = []

  @Option(help: "Set a variable NAME=VALUE in the environment of gemsync; may be repeated.")
  var environment: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: "An argument of a second gemsync, which runs beside the first; may be repeated.")
  var beside: [String] = []

  @Argument(parsing: .postTerminator, help: "The arguments of gemsync in the guest.")
  var arguments: [String] = []

  func run() throws {
    if gpus {
      let machine = GuestMachine(memorySize: memory << 20)
      try write(Array(machine.deviceTreeSource().utf8), to: "guest.dts")
      try write(machine.registerImage().bytes, to: "registers.bin")
    }
    try write(try initramfs().bytes, to: "initramfs.cpio")
  }

  private func initramfs() throws -> CPIOArchive {
    var archive = CPIOArchive()
    for directory in ["proc", "sys", "dev", "tmp"] { archive.addDirectory(directory) }
    archive.addFile("init", try read(`init`), isExecutable: true)
    archive.addFile("bin/busybox", try read(busybox), isExecutable: true)
    archive.addFile("bin/gemsync", try read(program), isExecutable: true)
    if gpus {
      let firmware = Firmware.image(acknowledged: modelledFirmware ? .byModel : .byItself)
      archive.addFile("lib/firmware/" + Firmware.path, firmware.bytes)
    }
    let order = try read(modules + "/order")
    archive.addFile("modules/order", order)
    for name in String(decoding: order, as: UTF8.self).split(whereSeparator: \.isWhitespace) {
      archive.addFile("modules/\(name).ko", try read("\(modules)/\(name).ko"))
    }
    for path in file {
      archive.addFile(String(path.drop { $0 == "/" }), try read(path))
    }
    // gemsync runs in the same directory as here, so that relative paths name the same files.
    let here = FileManager.default.currentDirectoryPath
    for path in directory + [here] { archive.addDirectory(String(path.drop { $0 == "/" })) }
    archive.addFile("guest/run", script(arguments, in: here))
    if !beside.isEmpty { archive.addFile("guest/beside", script(beside, in: here)) }
    archive.finish()
    return archive
  }

  /// Returns a shell script that becomes gemsync.
  private func script(_ arguments: [String], in directory: String) -> [UInt8] {
    let words = ["env"] + environment + ["gemsync"] + arguments
    let line = words.map(ShellWord.quoted).joined(separator: " ")
    return Array("cd \(ShellWord.quoted(directory)) || exit 1\nexec \(line)\n".utf8)
  }

  private func read(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("read \(path): failed")
    }
    return Array(data)
  }

  private func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(filePath: output + "/" + name), options: .atomic)
  }
}
