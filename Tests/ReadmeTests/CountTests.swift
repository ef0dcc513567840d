// SPDX-License-Identifier: MIT

import DRMDrivers
import Foundation
import Testing

/// Every count that README or an article states is what the program has.
@Suite struct CountTests {
  @Test func countsAreThoseOfTheProgram() throws {
    let sandbox = try Sandbox()
    let checks = try sandbox.run("gemsync check --list")
    let pairs = try sandbox.run("ls Tests/Litmus/*.bad.yaml | wc -l")
    let findings = try sandbox.run(
      "sed -n 's/^# finding: //p' Tests/Litmus/*.bad.yaml | sort -u | wc -l")
    let scenarios = try Self.scenarios(in: sandbox)
    let questions = try sandbox.run(
      "gemsync policies --format json | grep -o '\"question\" : .*' | sort -u")
    let counts = [
      "checks": checks.lines.count,
      "good/bad pairs": try #require(Int(pairs.lines[0])),
      "findings with a name": try #require(Int(findings.lines[0])),
      "injected faults": try Self.faults(in: sandbox).count,
      "benchmark scenarios": scenarios.count,
      "questions": questions.lines.count,
      "drivers": DRMDriver.allCases.count,
    ]
    let documents = try Document.all()
    for (noun, count) in counts {
      var mentions = 0
      for document in documents {
        let text = document.lines.joined(separator: " ")
        for match in text.matches(of: try Regex("\\b([0-9][0-9,]*) \(noun)\\b")) {
          mentions += 1
          let number = match.output[1].substring?.filter { $0 != "," }
          #expect(
            number == "\(count)", "\(document.path): '\(text[match.range])', and it is \(count)")
        }
      }
      #expect(mentions > 0, "no document says that there are \(count) \(noun)")
    }
  }

  /// The table of driver versions is what the catalog says.
  @Test func driverTableIsTheCatalogs() throws {
    let common: [Features] = [.buffers, .labels, .explicitSync]
    let rows = DRMDriver.allCases.map { driver -> [String] in
      let facts = driver.facts
      let others = Features.named.filter { feature, _ in
        facts.minor(adding: feature) != nil
          && ![
            .buffers, .labels, .explicitSync, .writeBackMapping, .bufferQuery, .reportsCoherency,
          ]
          .contains(feature)
      }
      return ["\(driver.name)"] + common.map { Self.version(adding: $0, facts) ?? "no" } + [
        others.map { feature, name in
          let minor = facts.minor(adding: feature) ?? 0
          return "`\(name)`" + (minor > 0 ? " (1.\(minor))" : "")
        }.joined(separator: ", ")
      ]
    }
    let shown = try Document("README.md").table("driver")
    for (row, line) in zip(rows, shown) {
      #expect(row == line, "README.md: the row should be \(row)")
    }
    #expect(shown.count == rows.count)
  }

  /// Sync, WB mapping, query and reported coherency share a column, because one version brought them all.
  @Test func oneVersionBroughtTheSync() {
    for driver in DRMDriver.allCases {
      let minors = [Features.explicitSync, .writeBackMapping, .bufferQuery, .reportsCoherency]
        .map { driver.facts.minor(adding: $0) }
      #expect(Set(minors).count == 1)
    }
  }

  @Test func faultTableIsComplete() throws {
    let faults = try Self.faults(in: Sandbox())
    let rows = try Document("\(Document.articles)/Fuzzing.md").table("fault")
    #expect(rows.map { $0[0].filter { $0 != "`" } } == faults)
  }

  @Test func findingTableIsComplete() throws {
    let names = try Sandbox().run(
      "sed -n 's/^# finding: //p' Tests/Litmus/*.bad.yaml | sort -u"
    ).lines
    let rows = try Document("\(Document.articles)/ReadingAFinding.md").table("finding")
    #expect(rows.map { $0[0].filter { $0 != "`" } } == names)
  }

  /// Every step and key of the schema stands in the article about scripts.
  @Test func everyKeyOfAScriptIsDescribed() throws {
    struct Schema: Decodable {
      struct Definitions: Decodable {
        struct Step: Decodable {
          struct Nothing: Decodable {}
          let properties: [String: Nothing]
        }
        let step: Step
      }
      let definitions: Definitions

      enum CodingKeys: String, CodingKey { case definitions = "$defs" }
    }
    let text = try Sandbox().run("gemsync run --schema").output
    let schema = try JSONDecoder().decode(Schema.self, from: Data(text.utf8))
    let article = try Document("\(Document.articles)/ScriptLanguage.md")
    let steps = Set(article.table("step").map { $0[0].filter { $0 != "`" } })
    #expect(steps == Set(schema.definitions.step.properties.keys).subtracting(["errno"]))
    #expect(article.spans.contains { $0.text.hasPrefix("errno:") })
  }

  @Test func benchmarkTableIsComplete() throws {
    let names = try Self.scenarios(in: Sandbox())
    let rows = try Document("\(Document.articles)/Benchmarks.md").table("scenario")
    let shown = rows.compactMap { $0[0].split(separator: "`").first.map(String.init) }
    #expect(shown.sorted() == names)
  }

  /// Each device and each mock option of the tables is one that the program takes.
  @Test func devicesOfTheTablesAreKnown() throws {
    let sandbox = try Sandbox()
    let devices = try Document("README.md").table("device").compactMap(\.first)
    #expect(devices.count >= 6)
    for device in devices.flatMap(Self.codes) {
      let result = try sandbox.run("gemsync info --device '\(device)'")
      // A node that this machine lacks is no usage error.
      #expect(
        device.hasPrefix("mock:") ? result.code == 0 : result.code != 2,
        "README.md: \(device): \(result.output)")
    }
    let options = try Document("\(Document.articles)/Devices.md").table("option").compactMap(
      \.first
    )
    .flatMap(Self.codes)
    for option in options {
      let result = try sandbox.run("gemsync info --device mock:panthor,\(option)")
      #expect(result.code == 0, "Devices.md: \(option): \(result.output)")
    }
    let known =
      try sandbox.run("gemsync info --device mock:panthor,x").output
      .split(separator: "known: ").last?.split(separator: ", ") ?? []
    #expect(known.count >= 8)
    for option in known {
      let key = option.prefix { $0 != "=" && !$0.isNewline }
      #expect(options.contains { $0.split(separator: "=")[0] == key }, "Devices.md lacks \(key)")
    }
  }

  /// Links between documents lead somewhere, and DRM.md lists every article.
  @Test func linksLeadToDocuments() throws {
    let documents = try Document.all()
    for document in documents {
      let folder = Document.top.appending(path: document.path).deletingLastPathComponent()
      for (number, line) in document.prose {
        for link in line.matches(of: #/\]\(([^)#]+)[^)]*\)/#) {
          let target = folder.appending(path: String(link.output.1)).standardized
          #expect(
            FileManager.default.fileExists(atPath: target.path),
            "\(document.path):\(number): there is no \(link.output.1)")
        }
      }
    }
    let index = try Document("\(Document.articles)/DRM.md").lines.joined(separator: "\n")
    for document in documents where !["README", "DRM"].contains(document.name) {
      #expect(index.contains("](\(document.name).md)"), "DRM.md does not list \(document.name).md")
    }
  }

  /// Architecture.md names every module.
  @Test func everyModuleIsDescribed() throws {
    let modules = try FileManager.default.contentsOfDirectory(
      atPath: Document.top.appending(path: "Sources").path)
    let rows = try Document("\(Document.articles)/Architecture.md").table("module")
    let described = Set(rows.compactMap(\.first).flatMap(Self.codes))
    for module in modules {
      #expect(described.contains(module), "Architecture.md lacks the module \(module)")
    }
  }

  /// The types that DRM.md links to are declared in the library.
  @Test func symbolsAreThere() throws {
    let sources = Document.top.appending(path: "Sources").path
    let declared = try Sandbox().run(
      "grep -rhoE '(struct|class|enum) [A-Z][A-Za-z]+' '\(sources)/DRM' '\(sources)/DRMDrivers' | cut -d' ' -f2"
    ).lines
    let article = try Document("\(Document.articles)/DRM.md").lines.dropFirst().joined(
      separator: "\n")
    let symbols = article.matches(of: #/``([A-Z][A-Za-z]+)/#).map { String($0.output.1) }
    #expect(symbols.count > 20)
    for symbol in symbols {
      #expect(declared.contains(symbol), "DRM.md: no type is called \(symbol)")
    }
  }

  /// Paths that the documents name as code exist.
  @Test(arguments: try Document.all())
  func pathsAreThere(_ document: Document) {
    for (number, span) in document.spans {
      guard let path = span.wholeMatch(of: #/(Sources|Tests|Scripts|\.ci)\/[A-Za-z0-9_.\/+-]+/#)
      else { continue }
      #expect(
        FileManager.default.fileExists(
          atPath: Document.top.appending(path: String(path.output.0)).path),
        "\(document.path):\(number): there is no \(span)")
    }
  }

  /// The names of the injected faults, which the program lists where one is unknown.
  private static func faults(in sandbox: borrowing Sandbox) throws -> [String] {
    let text = try sandbox.run("gemsync info --device mock:panthor,fault=none_such").output
    let known = try #require(text.split(separator: "known: ").last, "\(text)")
    return known.split { $0 == "," || $0.isWhitespace }.map(String.init)
  }

  /// The names of the benchmark's scenarios, sorted; its program counts allocations and does not run in tests.
  private static func scenarios(in sandbox: borrowing Sandbox) throws -> [String] {
    let source = Document.top.appending(path: "Sources/gemsync-bench").path
    return try sandbox.run(
      "grep -ohE '\"(sync|mock)\\.[a-z0-9_]+\"' '\(source)'/*.swift | tr -d '\"' | LC_ALL=C sort -u"
    ).lines
  }

  private static func version(adding feature: Features, _ facts: DriverFacts) -> String? {
    guard let release = facts.history.first(where: { $0.features.isSuperset(of: feature) }) else {
      return nil
    }
    return "1.\(release.minor)" + (release.linux.map { " (Linux \($0))" } ?? "")
  }

  /// The code spans of a table's cell.
  private static func codes(_ cell: String) -> [String] {
    cell.matches(of: #/`([^`]+)`/#).map { String($0.output.1) }
  }
}
