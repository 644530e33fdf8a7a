import Foundation
import Tensors
import Testing
import WeightFiles

func truncateFile(_ path: String, _ length: Int) -> Bool { truncate(path, off_t(length)) == 0 }

/// Every malformation has its own error, and nothing that a file can hold is a trap.
@Suite struct MalformedFileTests {
  static let entry = #""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#

  private func problem(_ bytes: [UInt8]) throws -> WeightFileError.Problem? {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes)
    do {
      _ = try SafetensorsFile(path: path)
      return nil
    } catch let error as WeightFileError {
      #expect(error.file == path)
      #expect(error.description.hasPrefix(path + ": "))
      return error.problem
    }
  }

  private func problem(_ json: String, data: Int = 8) throws -> WeightFileError.Problem? { try problem(safetensors(json, data: data)) }

  @Test func acceptsWhatIsSound() throws {
    #expect(try problem("{\(Self.entry)}") == nil)
    #expect(try problem("{}", data: 0) == nil)
    #expect(try problem("{\(Self.entry)}  \n\t ") == nil)
    #expect(
      try problem(#"{"__metadata__":null, "a" : { "shape":[ 2 ] , "data_offsets" : [0,8],"dtype":"F32","more":[{"x":-1.5e+3},true]}}"#)
        == nil)
    #expect(try problem(#"{"é\u00e9\ud83d\ude00":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#) == nil)
  }

  @Test func refusesBrokenLengths() throws {
    #expect(try problem([]) == .tooShort(bytes: 0))
    #expect(try problem([1, 2, 3, 4, 5, 6, 7]) == .tooShort(bytes: 7))
    #expect(try problem(safetensors("{}", data: 0, claimedLength: 100_000_001)) == .headerTooLong(100_000_001))
    #expect(try problem(safetensors("{}", data: 0, claimedLength: .max)) == .headerTooLong(.max))
    #expect(try problem(safetensors("{}", data: 0, claimedLength: 3)) == .headerCutShort(claimed: 3, present: 2))
    #expect(try problem(safetensors("", data: 0)) == .badHeader(offset: 0, reason: "it is empty"))
  }

  @Test func recognisesOtherFormats() throws {
    let zip: [UInt8] = [0x50, 0x4B, 3, 4, 0, 0, 8, 8, 0, 0]
    guard case .otherFormat = try problem(zip) else { throw Surprise(what: "a zip archive was not recognised") }
    guard case .otherFormat = try problem([0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9]) else {
      throw Surprise(what: "a pickle was not recognised")
    }
  }

  @Test(arguments: [
    ("{", 1), ("{]", 1), ("{\"a\"}", 4), ("{\"a\":1}", 5), ("{\(entry),}", 54), ("{\(entry)}x", 54), ("{\(entry)} {", 55), ("{a:1}", 1),
    ("{'a':1}", 1), ("{\"a\u{1}\":1}", 3), ("{\"\\x\":1}", 3), ("{\"\\u12\":1}", 6), ("{\"\\ud800\":1}", 4), ("{\"\\ud800\\u0041\":1}", 4),
    ("{\"\\udc00\":1}", 4), ("{\"a", 3), ("{\"__metadata__\":{\"x\":1}}", 21), ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 5),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 5),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4,8]}}", 52),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[02],\"data_offsets\":[0,8]}}", 29),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 29),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}", 29),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2e0],\"data_offsets\":[0,8]}}", 29),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[18446744073709551616],\"data_offsets\":[0,8]}}", 29),
    ("{\"a\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}", 14), ("{\"a\":{\"dtype\":\"F32\",\"z\":nul}}", 24),
    ("{\"a\":{\"dtype\":\"F32\",\"z\":.5}}", 24),
  ])
  func refusesBadJSON(_ json: String, offset: Int) throws {
    guard case .badHeader(offset, _) = try problem(json) else { throw Surprise(what: "\(json): \(try String(describing: problem(json)))") }
  }

  @Test func refusesBadUTF8() throws {
    var bytes = safetensors(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, data: 8)
    bytes[10] = 0xFF
    #expect(try problem(bytes) == .badHeader(offset: 2, reason: "a string that is not UTF-8"))
  }

  @Test func refusesLeadingSpaceAndDuplicates() throws {
    #expect(try problem(" {\(Self.entry)}") == .notStartingWithBrace(byte: 0x20))
    #expect(try problem("{\(Self.entry),\(Self.entry)}") == .duplicateKey("a", offset: 54))
    #expect(try problem("{\(Self.entry),\"\\u0061\":\(Self.entry.dropFirst(4))}") == .duplicateKey("a", offset: 54))
    #expect(try problem(#"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#) == .duplicateKey("dtype", offset: 20))
    #expect(try problem(#"{"__metadata__":{"k":"1","k":"2"}}"#, data: 0) == .duplicateKey("k", offset: 25))
    #expect(try problem(#"{"__metadata__":{},"__metadata__":{}}"#, data: 0) == .duplicateKey("__metadata__", offset: 19))
  }

  @Test func refusesUnsoundEntries() throws {
    func entry(_ type: String, _ shape: String, _ offsets: String) -> String {
      "{\"a\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]}}"
    }
    #expect(try problem(entry("F33", "2", "0,8")) == .unknownElementType(tensor: "a", type: "F33"))
    #expect(try problem(entry("f32", "2", "0,8")) == .unknownElementType(tensor: "a", type: "f32"))
    #expect(try problem(entry("F32", "2", "8,0")) == .reversedOffsets(tensor: "a"))
    #expect(try problem(entry("F32", "2", "0,4")) == .sizeMismatch(tensor: "a", expected: 8, actual: 4))
    #expect(try problem(entry("F32", "", "0,8")) == .sizeMismatch(tensor: "a", expected: 4, actual: 8))
    #expect(try problem(entry("F32", "4294967296,4294967296", "0,8")) == .sizeOverflow(tensor: "a"))
    #expect(try problem(entry("F32", "9223372036854775807", "0,8")) == .sizeOverflow(tensor: "a"))
    #expect(try problem(entry("F32", "18446744073709551615", "0,8")) == .sizeOverflow(tensor: "a"))
    #expect(try problem(entry("F32", "2", "0,18446744073709551615")) == .sizeOverflow(tensor: "a"))
    #expect(try problem(entry("F32", "2", "9223372036854775800,9223372036854775807")) == .sizeMismatch(tensor: "a", expected: 8, actual: 7))
  }

  @Test func refusesHolesOverlapsAndWrongEnds() throws {
    func two(_ first: String, _ second: String) -> String {
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[\#(first)]},"b":{"dtype":"F32","shape":[2],"data_offsets":[\#(second)]}}"#
    }
    #expect(try problem(two("0,8", "8,16"), data: 16) == nil)
    #expect(try problem(two("8,16", "0,8"), data: 16) == nil)
    #expect(try problem(two("0,8", "12,20"), data: 20) == .hole(beforeTensor: "b", offset: 8, bytes: 4))
    #expect(try problem(two("4,12", "12,20"), data: 20) == .hole(beforeTensor: "a", offset: 0, bytes: 4))
    #expect(try problem(two("0,8", "4,12"), data: 12) == .overlap(tensor: "b", offset: 4))
    #expect(try problem(two("0,8", "0,8"), data: 8) == .overlap(tensor: "b", offset: 0))
    #expect(try problem(two("0,8", "8,16"), data: 15) == .dataCutShort(missing: 1))
    #expect(try problem(two("0,8", "8,16"), data: 17) == .trailingBytes(1))
    #expect(try problem("{}", data: 1) == .trailingBytes(1))
  }

  @Test func refusesDeepNestingWithoutExhaustingTheStack() throws {
    let deep = String(repeating: "[", count: 1_000_000)
    guard case .badHeader = try problem("{\"a\":{\"z\":" + deep) else { throw Surprise(what: "deep nesting was taken") }
  }

  @Test func refusesEndlessShapesWithoutKeepingThem() throws {
    let shape = String(repeating: "1,", count: 1_000_000) + "1"
    guard case .badHeader = try problem("{\"a\":{\"shape\":[\(shape)]}}") else { throw Surprise(what: "an endless shape was taken") }
  }

  /// Cuts and changed bytes of a real header: each is taken or refused with an error of its own, and what is taken is sound.
  @Test(arguments: [1, 2, 3] as [UInt64]) func survivesDamage(seed: UInt64) throws {
    let whole = try contents(fixture("every_type.safetensors"))
    let headerLength = Int(whole[0]) | Int(whole[1]) << 8
    let json = Array(whole[8..<8 + headerLength])
    let random = CounterRandom(seed: seed, purpose: .test)
    var (taken, refused) = (0, 0)
    for trial in 0..<1000 {
      let draws = random.stream(UInt64(trial))
      var damaged = json
      for flip in 0..<UInt64(draws.integer(0, below: 4)) {
        let place = draws.integer(10 + flip, below: damaged.count)
        let digits = Array("0123456789{}[]\",:\\ ".utf8)
        damaged[place] =
          draws.integer(20 + flip, below: 2) == 0
          ? UInt8(draws.integer(30 + flip, below: 256)) : digits[draws.integer(40 + flip, below: digits.count)]
      }
      if draws.integer(1, below: 3) == 0 { damaged.removeLast(draws.integer(2, below: damaged.count)) }
      let dataLength = whole.count - 8 - headerLength
      do {
        let header = try SafetensorsHeader(json: damaged, dataLength: dataLength, file: "damaged")
        #expect(header.tensors.reduce(0) { $0 + $1.range.count } == dataLength, "seed \(seed), trial \(trial)")
        taken += 1
      } catch {
        #expect(error is WeightFileError, "seed \(seed), trial \(trial): \(error)")
        refused += 1
      }
    }
    #expect(taken > 50 && refused > 300, "seed \(seed): the damage must leave some headers sound and break most")
  }

  @Test func refusesEveryCutOfAFile() throws {
    let whole = try contents(fixture("float_and_int.safetensors"))
    for length in 0..<whole.count { #expect(try problem(Array(whole[..<length])) != nil, "cut to \(length) bytes") }
  }
}

struct Surprise: Error {
  let what: String
}
