import Foundation
import ImageData
import Tensors
import TestImages
import Testing

/// Lists and archives with bytes changed at random: each is read or refused, and nothing traps.
@Suite struct HostileListTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Reads `sound` with random bytes replaced, removed, doubled and cut off.
  ///
  /// - Returns: how many were read without an error.
  private func mutate(_ sound: [UInt8], as name: String, times: Int, alphabet: [UInt8]) throws -> Int {
    let seed = UInt64.random(in: 0..<1 << 32)
    print("\(name): mutations of seed \(seed)")
    var good = 0
    for round in 0..<times {
      let random = CounterRandom(seed: seed, purpose: .test, UInt64(round))
      var bytes = sound
      for change in 0..<UInt64(1 + random.integer(0, below: 4)) where !bytes.isEmpty {
        let draws = random.stream(change + 1)
        let place = draws.integer(0, below: bytes.count)
        let byte = draws.integer(3, below: 2) == 0 ? alphabet[draws.integer(1, below: alphabet.count)] : UInt8(draws.integer(1, below: 256))
        switch draws.integer(2, below: 5) {
        case 0, 1: bytes[place] = byte
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(byte, at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + 1 + draws.integer(4, below: 700)))
        }
      }
      let path = try folder.write(bytes, to: name)
      do throws(ImageFolderError) {
        let set = try EvaluationImages(scanning: path, classNames: nil)
        _ = DataSetCheck(of: set.samples, limits: DecodeLimits(pixels: 10_000, memoryBytes: 1 << 20), threads: 1)
        good += 1
      } catch {
        #expect(!"\(error)".isEmpty)
      }
    }
    return good
  }

  @Test func lists() throws {
    for number in 0..<4 { try folder.copy("dot.png", to: "\(number).png") }
    let csv = Array("path,label,part\r\n0.png,\"a\"\"b\",train\r\n\"1.png\",b,train\r\n2.png,\"a\nb\",val\r\n3.png,b,test\r\n".utf8)
    #expect(try mutate(csv, as: "list.csv", times: 500, alphabet: Array("\",;\t\r\n\u{0}a".utf8)) > 0)
    let lines = Array((0..<4).map { #"{"file_name":"\#($0).png","label":"\#($0 % 2)é","x":[1,{"y":null}]}"# + "\n" }.joined().utf8)
    #expect(try mutate(lines, as: "list.jsonl", times: 500, alphabet: Array("\"{}[]:,\\\n0123456789eE.-".utf8)) > 0)
  }

  @Test func archives() throws {
    let png = Fixtures.bytes(of: Fixtures.path("dot.png"))
    let entries = ["a/1.png", "a/2.png", "b/1.png"].map { ArchiveFiles.Entry($0, png) }
    let digits = Array("01234567xgLS/ \u{0}".utf8) + [0x80, 0xFF]
    #expect(try mutate(ArchiveFiles.tar(entries), as: "set.tar", times: 500, alphabet: digits) > 0)
    #expect(try mutate(ArchiveFiles.zip(entries), as: "set.zip", times: 500, alphabet: [0, 1, 0xFF, 0x50, 0x4B]) > 0)
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/archives").standardizedFileURL.path
    for (file, times) in [("gnu.tar", 150), ("pax.tar", 150), ("work.zip", 300), ("zip64.zip", 150)] {
      #expect(try mutate(Fixtures.bytes(of: fixtures + "/" + file), as: file, times: times, alphabet: digits) > 0)
    }
  }

  /// A header whose checksum is right again after the change: what it says is looked at.
  @Test func headersThatLie() throws {
    let png = Fixtures.bytes(of: Fixtures.path("dot.png"))
    let seed = UInt64.random(in: 0..<1 << 32)
    print("headers: seed \(seed)")
    for round in 0..<1000 {
      let random = CounterRandom(seed: seed, purpose: .test, UInt64(round))
      var bytes = ArchiveFiles.tar([.init("a/1.png", png), .init("b/1.png", png)])
      let types = Array("01234567xgLKSXDVMN".utf8)
      if random.integer(0, below: 2) == 0 { bytes[156] = types[random.integer(1, below: types.count)] }
      for draw in 0..<UInt64(1 + random.integer(2, below: 3)) {
        let place = [124, 345, 100, 483, 0][random.integer(10 + draw, below: 5)] + random.integer(20 + draw, below: 12)
        bytes[place] = UInt8(random.integer(30 + draw, below: 256))
      }
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(bytes[$1])) }
      let digits = String(sum, radix: 8)
      bytes.replaceSubrange(148..<156, with: Array((String(repeating: "0", count: 6 - digits.count) + digits + "\u{0} ").utf8))
      let path = try folder.write(bytes, to: "lies.tar")
      do throws(ImageFolderError) { _ = try EvaluationImages(scanning: path, classNames: nil) } catch { #expect(!"\(error)".isEmpty) }
    }
  }
}
