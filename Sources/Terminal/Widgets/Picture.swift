/// A small picture in memory: `width` x `height` pixels, row by row, red, green and blue of each.
public struct Picture: Hashable, Sendable {
  public let width: Int
  public let height: Int
  public let pixels: [UInt8]

  /// - Parameter pixels: [height, width, 3]
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "a picture needs an extent")
    precondition(pixels.count == width * height * 3, "a picture needs three bytes a pixel")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The mean colour of the pixels under [x0, x1) x [y0, y1), at least of the one nearest.
  func mean(_ x0: Double, _ x1: Double, _ y0: Double, _ y1: Double) -> RGB {
    let left = min(width - 1, max(0, Int(x0)))
    let right = min(width, max(left + 1, Int(x1.rounded(.up))))
    let top = min(height - 1, max(0, Int(y0)))
    let bottom = min(height, max(top + 1, Int(y1.rounded(.up))))
    var (red, green, blue) = (0, 0, 0)
    for y in top..<bottom {
      for x in left..<right {
        let index = (y * width + x) * 3
        red += Int(pixels[index])
        green += Int(pixels[index + 1])
        blue += Int(pixels[index + 2])
      }
    }
    let count = (right - left) * (bottom - top)
    return RGB(UInt8(red / count), UInt8(green / count), UInt8(blue / count))
  }
}

/// A picture in half blocks, two pixels a cell, its proportions kept; in shades where there are too few colours.
public struct PictureView: Widget, Hashable, Sendable {
  public var picture: Picture

  public init(_ picture: Picture) { self.picture = picture }

  /// The cells the picture fills when drawn into `size`.
  public func fitted(into size: Size) -> Size {
    guard size.width > 0, size.height > 0 else { return Size(width: 0, height: 0) }
    let scale = min(Double(size.width) / Double(picture.width), Double(size.height * 2) / Double(picture.height))
    return Size(
      width: max(1, Int((Double(picture.width) * scale).rounded())), height: max(1, Int((Double(picture.height) * scale / 2).rounded())))
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    let area = rect.centered(fitted(into: rect.size))
    guard !area.isEmpty else { return }
    let (dx, dy) = (Double(picture.width) / Double(area.width), Double(picture.height) / Double(area.height * 2))
    for y in 0..<area.height {
      for x in 0..<area.width {
        let (x0, x1) = (Double(x) * dx, Double(x + 1) * dx)
        let upper = picture.mean(x0, x1, Double(2 * y) * dy, Double(2 * y + 1) * dy)
        let lower = picture.mean(x0, x1, Double(2 * y + 1) * dy, Double(2 * y + 2) * dy)
        draw(upper, lower, x: area.x + x, y: area.y + y, on: &canvas)
      }
    }
  }

  private func draw(_ upper: RGB, _ lower: RGB, x: Int, y: Int, on canvas: inout Canvas) {
    let look = canvas.look
    if look.depth > .sixteen && !look.symbols.isASCII {
      canvas.put("▀", x: x, y: y, Style(look.pixel(upper), on: look.pixel(lower)))
    } else if look.depth > .sixteen {
      canvas.put(" ", x: x, y: y, Style(.standard, on: look.pixel(upper.mixed(with: lower, 0.5))))
    } else {
      let shades = look.symbols.shades
      let light = upper.mixed(with: lower, 0.5).lightness
      canvas.put(shades[min(shades.count - 1, Int(light * Double(shades.count)))], x: x, y: y, look[.text])
    }
  }
}

/// Pictures side by side with a line of text under each: a batch, or the worst mistakes.
public struct ContactSheet: Widget, Hashable, Sendable {
  public struct Item: Hashable, Sendable {
    public var picture: Picture
    public var caption: String
    public var key: ThemeKey

    public init(_ picture: Picture, caption: String, _ key: ThemeKey = .dim) {
      self.picture = picture
      self.caption = caption
      self.key = key
    }
  }

  public var items: [Item]
  public var selection: Int?
  /// Columns a picture takes; half as many rows.
  public var tileWidth: Int

  public init(_ items: [Item], selection: Int? = nil, tileWidth: Int = 16) {
    self.items = items
    self.selection = selection
    self.tileWidth = max(2, tileWidth)
  }

  /// Pictures a row holds in `width` columns, for moving the choice up and down.
  public func perRow(in width: Int) -> Int { max(1, (width + 1) / (tileWidth + 1)) }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty, !items.isEmpty else { return }
    let look = canvas.look
    let width = min(tileWidth, rect.width)
    let height = min(width / 2 + width % 2 + 1, rect.height)
    let across = perRow(in: rect.width)
    let down = max(1, (rect.height + 1) / (height + 1))
    let firstRow = max(0, (selection ?? 0) / across - down + 1)
    for (index, item) in items.enumerated().dropFirst(firstRow * across).prefix(across * down) {
      let place = index - firstRow * across
      let tile = Rect(
        x: rect.x + place % across * (width + 1), y: rect.y + place / across * (height + 1), width: width, height: height)
      canvas.draw(PictureView(item.picture), in: tile.droppingBottom(1))
      let caption = tile.row(height - 1)
      if index == selection { canvas.clear(caption, look.selection) }
      canvas.text(item.caption, in: caption, index == selection ? look.selection : look[item.key], align: .center)
    }
  }
}
