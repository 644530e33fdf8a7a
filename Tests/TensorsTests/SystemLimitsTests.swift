import Foundation
import Tensors
import Testing

@Suite struct SystemLimitsTests {
  /// A root folder with the kernel's files, written by hand.
  private final class Root {
    let path = NSTemporaryDirectory() + "/limits-" + UUID().uuidString

    init(_ files: [String: String]) throws {
      var all = [
        "proc/meminfo": "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n",
        "proc/self/status": "Name:\tx\nCpus_allowed:\tff,00000003\nCpus_allowed_list:\t0-1,32-39\n",
      ]
      all.merge(files) { $1 }
      for (name, text) in all {
        let file = URL(filePath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var limits: SystemLimits { .read(root: path) }
  }

  private static let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
  private static let separate = """
    31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
    32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
    35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
    41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw

    """

  @Test func withoutGroupsTheMachineCounts() throws {
    let limits = try Root([:]).limits
    #expect(limits.processors == 10)
    #expect(limits.memoryLimit == 16_000_000 * 1024)
    #expect(limits.availableMemory == 8_000_000 * 1024)
  }

  /// `ulimit -v` and `ulimit -d` count what is mapped, not what is touched.
  @Test func addressesAreLimitedToo() throws {
    let status = "VmSize:\t  300000 kB\nVmData:\t  100000 kB\nCpus_allowed:\t3\n"
    func limits(addresses: String, data: String) throws -> SystemLimits {
      let header = "Limit                     Soft Limit           Hard Limit           Units     \n"
      let text =
        header + "Max data size             \(data)            unlimited            bytes     \n"
        + "Max address space         \(addresses)            unlimited            bytes     \n"
      return try Root(["proc/self/status": status, "proc/self/limits": text]).limits
    }
    let free = try limits(addresses: "unlimited", data: "unlimited")
    #expect(free.availableAddressSpace == nil && free.availableMemory == 8_000_000 * 1024)
    let tight = try limits(addresses: "1024000000", data: "unlimited")
    #expect(tight.availableAddressSpace == 716_800_000 && tight.availableMemory == 716_800_000)
    #expect(tight.memoryLimit == 1_024_000_000 && tight.freeMemory == 8_000_000 * 1024)
    let both = try limits(addresses: "1024000000", data: "204800000")
    #expect(both.availableAddressSpace == 102_400_000 && both.memoryLimit == 204_800_000)
    #expect(try limits(addresses: "1000", data: "unlimited").availableMemory == 0)
  }

  /// Ours is nested: the quota of the parent and the memory of our own group are the tightest.
  @Test func unifiedGroups() throws {
    let limits = try Root([
      "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/outer/inner\n",
      "sys/fs/cgroup/outer/cpu.max": "250000 100000\n", "sys/fs/cgroup/outer/inner/cpu.max": "max 100000\n",
      "sys/fs/cgroup/outer/memory.max": "max\n", "sys/fs/cgroup/outer/inner/memory.max": "4000000000\n",
      "sys/fs/cgroup/outer/inner/memory.current": "1500000000\n",
      "sys/fs/cgroup/outer/inner/memory.stat": "anon 1\ninactive_file 500000000\nactive_file 7\n",
    ]).limits
    #expect(limits.processors == 3)
    #expect(limits.memoryLimit == 4_000_000_000)
    #expect(limits.availableMemory == 3_000_000_000)
  }

  @Test func separateGroups() throws {
    let limits = try Root([
      "proc/self/mountinfo": Self.separate,
      "proc/self/cgroup": "4:memory:/box\n2:cpu,cpuacct:/box\n1:name=systemd:/\n0::/\n",
      "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us": "50000\n", "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "2000000000\n",
      "sys/fs/cgroup/memory/box/memory.usage_in_bytes": "1900000000\n",
      "sys/fs/cgroup/memory/box/memory.stat": "cache 5\ntotal_inactive_file 100000000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    ]).limits
    #expect(limits.processors == 1)
    #expect(limits.memoryLimit == 2_000_000_000)
    #expect(limits.availableMemory == 200_000_000)
  }

  /// Within a container the path may be the host's: what the mount shows is then our own group.
  @Test func containers() throws {
    let limits = try Root([
      "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/system.slice/docker-1234.scope\n",
      "sys/fs/cgroup/cpu.max": "200000 100000\n", "sys/fs/cgroup/memory.max": "1000000000\n", "sys/fs/cgroup/memory.current": "0\n",
    ]).limits
    #expect(limits.processors == 2)
    #expect(limits.memoryLimit == 1_000_000_000)
    let bound = try Root([
      "proc/self/mountinfo": "35 31 0:32 /docker/12 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
      "proc/self/cgroup": "4:memory:/docker/12\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "3000000000\n",
    ]).limits
    #expect(bound.memoryLimit == 3_000_000_000)
    let above = try Root([
      "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/../other\n", "sys/fs/cgroup/memory.max": "5000000000\n",
    ]).limits
    #expect(above.memoryLimit == 5_000_000_000)
  }

  /// More in use than is allowed, which happens for a moment, leaves nothing; a limit above the machine's memory is none.
  @Test func extremes() throws {
    let full = try Root([
      "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1000\n",
      "sys/fs/cgroup/memory.current": "2000\n", "sys/fs/cgroup/cpu.max": "garbage\n",
    ]).limits
    #expect(full.availableMemory == 0)
    #expect(full.processors == 10)
    let wide = try Root([
      "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "999000000000000\n",
    ]).limits
    #expect(wide.memoryLimit == 16_000_000 * 1024)
    #expect(SystemLimits.read(root: "/nowhere").processors >= 1)
  }

  @Test func thisMachine() {
    let limits = SystemLimits.read()
    #expect(limits.processors >= 1 && limits.processors <= ProcessInfo.processInfo.processorCount)
    #expect(limits.availableMemory > 0 && limits.availableMemory <= limits.memoryLimit)
    #expect(limits.memoryLimit <= Int(ProcessInfo.processInfo.physicalMemory))
  }
}
