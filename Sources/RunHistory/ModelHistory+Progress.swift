extension ModelHistory {
  /// Where in the epochs it is: the one under way, from 1, and its steps that are done. One that has just ended stays until the
  /// next has a step; nil where their number is not known.
  public var progress: (epoch: Int, step: Int)? {
    guard let beginning, beginning.totalSteps > 0 else { return nil }
    let step = min(max(lastStep, beginning.resumedAtStep), beginning.totalSteps)
    let ended = max(0, step - 1) / beginning.stepsPerEpoch
    return (ended + 1, step - ended * beginning.stepsPerEpoch)
  }
}
