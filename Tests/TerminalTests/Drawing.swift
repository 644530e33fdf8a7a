import Terminal
import Testing

/// The characters of a widget drawn alone, rows framed by nothing and cut at their last character.
func picture(_ widget: some Widget, _ width: Int, _ height: Int, _ look: Look = Look()) -> String {
  grid(widget, width, height, look).picture
}

func grid(_ widget: some Widget, _ width: Int, _ height: Int, _ look: Look = Look()) -> Grid {
  var canvas = Canvas(Size(width: width, height: height), look: look)
  canvas.draw(widget, in: canvas.bounds)
  return canvas.grid
}

let ascii = Look(depth: .none, symbols: .ascii)
