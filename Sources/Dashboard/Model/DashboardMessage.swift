import RunHistory
import Terminal
import TrainingEvents

/// Something that happened. `DashboardModel.update` makes of it a new model and effects; nothing else changes a model.
public enum DashboardMessage: Sendable {
  /// What the run of this process told, in order.
  case events([LiveFeed.Entry])
  /// What people may look at; the newest counts.
  case insights([TrainingInsight])
  /// Logs that are watched, in their order.
  case found([String])
  /// What logs on disk had to say.
  case logs([LogNews])
  /// What a model made of the evaluation images, as its run keeps it: without pictures.
  case predictions(PredictionReport, classes: [String])
  /// Something to be said in the log.
  case line(History.Line)
  case system(SystemLoad)
  case key(KeyEvent)
  case resize(Size)
  /// The process was stopped for a while: seconds since 1970.
  case stopped(ClosedRange<Double>)
  /// Time passes: seconds since 1970.
  case tick(Double)
}

/// What the world is asked to do.
public enum DashboardEffect: Sendable, Hashable {
  case pause
  case resume
  case checkpoint
  /// Save a checkpoint and end the run.
  case stopSaving
  /// End the run at once.
  case stopDiscarding
  /// What SIGINT does: save a checkpoint and end; leave what is only watched.
  case interrupt
  /// Close the dashboard.
  case leave
  /// Keep these settings.
  case save(DashboardSettings)
  /// Make only these insights from now on.
  case want(Set<TrainingInsight.Kind>)
  /// Draw everything anew, as what is on the screen cannot be trusted.
  case redraw
}
