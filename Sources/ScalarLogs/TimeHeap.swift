/// Files by the times of their next records, the earliest first; of equal times the file that is earlier by name.
struct TimeHeap {
  private var items: [(time: Double, file: Int)] = []

  mutating func push(_ time: Double, _ file: Int) {
    items.append((time, file))
    var place = items.count - 1
    while place > 0, isBefore(place, (place - 1) / 2) {
      items.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> Int? {
    guard let first = items.first else { return nil }
    let last = items.removeLast()
    if items.isEmpty { return first.file }
    items[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < items.count && isBefore(child, least) { least = child }
      if least == place { return first.file }
      items.swapAt(place, least)
      place = least
    }
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    items[a].time != items[b].time ? items[a].time < items[b].time : items[a].file < items[b].file
  }
}
