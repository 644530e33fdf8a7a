import Glibc

/// What this process may use of the machine: processors and memory, as the kernel, the affinity mask, control groups (version 1
/// and 2) and resource limits allow.
///
/// In a container the machine's own figures mislead: a group with two processors of sixty-four would be run by sixty-four
/// threads, and one with 4 GB would be killed. Every group from ours up to the root is asked; the tightest limit counts.
public struct SystemLimits: Sendable, Hashable {
  /// Processors that can work for us at the same time, at least 1. A quota of one and a half counts as 2: being throttled
  /// a quarter of the time on two is more than never on one.
  public let processors: Int
  /// Bytes that we may hold at most: physical memory, the groups' limit or the limit of address space.
  public let memoryLimit: Int
  /// Bytes of memory that can still be had of the machine and the groups without pushing anyone to swap: page cache counts as
  /// free.
  public let freeMemory: Int
  /// Bytes that can still be mapped under the limits of address space and of data (`ulimit -v`, `ulimit -d`), touched or not;
  /// nil without such a limit.
  public let availableAddressSpace: Int?
  /// Bytes that this process can still map and touch.
  public var availableMemory: Int { min(freeMemory, availableAddressSpace ?? .max) }

  public init(processors: Int, memoryLimit: Int, freeMemory: Int, availableAddressSpace: Int? = nil) {
    self.processors = processors
    self.memoryLimit = memoryLimit
    self.freeMemory = freeMemory
    self.availableAddressSpace = availableAddressSpace
  }

  /// Reads the limits of this process now.
  ///
  /// - Parameter root: folder that holds `proc` and `sys`, for tests; empty for the real ones.
  public static func read(root: String = "") -> SystemLimits {
    let groups = ControlGroups(root: root)
    let memory = KernelText.fields(root + "/proc/meminfo")
    let total = (memory["MemTotal"] ?? 4 << 20) * 1024
    let available = (memory["MemAvailable"] ?? memory["MemFree"] ?? total / 2048) * 1024
    let memoryLimits = groups.memory()
    let addresses = addressSpace(root: root)
    return SystemLimits(
      processors: max(1, min(allowedProcessors(root: root), groups.processors() ?? .max)),
      memoryLimit: min(total, memoryLimits?.limit ?? .max, addresses?.limit ?? .max),
      freeMemory: max(0, min(available, memoryLimits?.available ?? .max)),
      availableAddressSpace: addresses?.available)
  }

  /// The tighter of the limits of address space and of data, and what is left of it.
  private static func addressSpace(root: String) -> (limit: Int, available: Int)? {
    let limits = KernelText.lines(root + "/proc/self/limits")
    let used = KernelText.fields(root + "/proc/self/status")
    let all = [("Max address space", "VmSize"), ("Max data size", "VmData")].compactMap { name, field -> (limit: Int, available: Int)? in
      guard let line = limits.first(where: { $0.hasPrefix(name) }),
        let limit = line.dropFirst(name.count).split(separator: " ").first.flatMap({ Int($0) })
      else { return nil }
      return (limit, max(0, limit - (used[field] ?? 0) * 1024))
    }
    return all.min { $0.available < $1.available }
  }

  /// Processors in the affinity mask, which control groups' cpusets narrow too.
  private static func allowedProcessors(root: String) -> Int {
    let lines = KernelText.lines(root + "/proc/self/status")
    if let line = lines.first(where: { $0.hasPrefix("Cpus_allowed:") }) {
      let count = line.dropFirst("Cpus_allowed:".count).compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
      if count > 0 { return count }
    }
    return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}

/// The control groups that this process is in, as folders from its own up to the mount point.
private struct ControlGroups {
  let root: String
  private let mounts: [Mount]
  private let memberships: [(controllers: [Substring], path: String)]

  private struct Mount {
    let base: String
    let point: String
    let version: Int
    let controllers: [Substring]
  }

  init(root: String) {
    self.root = root
    mounts = KernelText.lines(root + "/proc/self/mountinfo").compactMap(Self.mount)
    memberships = KernelText.lines(root + "/proc/self/cgroup").compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      return parts.count == 3 ? (parts[1].split(separator: ","), String(parts[2])) : nil
    }
  }

  /// `36 25 0:32 /base /point options - type source super-options`; version 1 names its controllers last.
  private static func mount(_ line: Substring) -> Mount? {
    let fields = line.split(separator: " ")
    guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else { return nil }
    let version: Int
    switch fields[dash + 1] {
    case "cgroup": version = 1
    case "cgroup2": version = 2
    default: return nil
    }
    return Mount(
      base: String(fields[3]), point: String(fields[4]), version: version, controllers: fields[dash + 3].split(separator: ","))
  }

  /// Our folder in the hierarchy that carries `controller`, then its parents. A path that is not below the mount (that of
  /// the host, seen from within a container) leaves the mount point alone.
  private func folders(_ controller: Substring, version: Int) -> [String] {
    guard let mount = mounts.first(where: { $0.version == version && (version == 2 || $0.controllers.contains(controller)) })
    else { return [] }
    let membership = memberships.first { version == 2 ? $0.controllers.isEmpty : $0.controllers.contains(controller) }
    var path = membership?.path ?? "/"
    if mount.base != "/", path.hasPrefix(mount.base) { path.removeFirst(mount.base.count) }
    var names = path.split(separator: "/")
    if names.contains("..") { names = [] }
    var result: [String] = []
    while true {
      result.append(root + mount.point + names.map { "/" + $0 }.joined())
      if names.isEmpty { return result }
      names.removeLast()
    }
  }

  func processors() -> Int? {
    let unified = folders("cpu", version: 2).map { KernelText.numbers($0 + "/cpu.max") }
    let separate = folders("cpu", version: 1).map {
      KernelText.numbers($0 + "/cpu.cfs_quota_us") + KernelText.numbers($0 + "/cpu.cfs_period_us")
    }
    let counts = (unified + separate).compactMap { pair -> Int? in
      guard pair.count >= 2, pair[0] > 0, pair[1] > 0 else { return nil }
      return (pair[0] + pair[1] - 1) / pair[1]
    }
    return counts.min()
  }

  func memory() -> (limit: Int, available: Int)? {
    let unified = folders("memory", version: 2).compactMap {
      memory($0, limit: "memory.max", usage: "memory.current", reclaimable: "inactive_file")
    }
    let separate = folders("memory", version: 1).compactMap {
      memory($0, limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes", reclaimable: "total_inactive_file")
    }
    let all = unified + separate
    guard let limit = all.map(\.limit).min(), let available = all.map(\.available).min() else { return nil }
    return (limit, available)
  }

  private func memory(_ folder: String, limit: String, usage: String, reclaimable: String) -> (limit: Int, available: Int)? {
    // Version 1 writes "unlimited" as a number near 2^63, version 2 as a word.
    guard let most = KernelText.numbers(folder + "/" + limit).first, (0..<1 << 60).contains(most) else { return nil }
    let used = KernelText.numbers(folder + "/" + usage).first ?? 0
    let cached = KernelText.fields(folder + "/memory.stat")[reclaimable] ?? 0
    return (most, most - max(0, used - cached))
  }
}

/// The kernel's small text files.
private enum KernelText {
  static func lines(_ path: String) -> [Substring] {
    text(path).split(separator: "\n")
  }

  /// The numbers on the first line; a word such as `max` counts as -1.
  static func numbers(_ path: String) -> [Int] {
    (lines(path).first ?? "").split(separator: " ").map { Int($0) ?? -1 }.map { $0 < 0 ? -1 : $0 }
  }

  /// `name value` or `name: value kB` lines.
  static func fields(_ path: String) -> [String: Int] {
    var result: [String: Int] = [:]
    for line in lines(path) {
      let words = line.split(whereSeparator: { $0 == " " || $0 == ":" || $0 == "\t" })
      if words.count >= 2, let value = Int(words[1]) { result[String(words[0])] = value }
    }
    return result
  }

  private static func text(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while true {
      let piece = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
        count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
      }
      if piece.isEmpty { return String(decoding: bytes, as: UTF8.self) }
      bytes += piece
    }
  }
}
