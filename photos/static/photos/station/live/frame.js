// A rectangle in a picture with its centre, width and height in pixels, turned `angle` degrees
// clockwise. Seen through it, its content is a level picture of any size [width, height].

export class Frame {
  constructor(x, y, width, height, angle = 0) {
    Object.assign(this, { x, y, width, height, angle });
    const turn = (angle * Math.PI) / 180;
    this.cos = Math.cos(turn);
    this.sin = Math.sin(turn);
  }

  toPicture([x, y], [width, height]) {
    const across = (x - width / 2) * (this.width / width);
    const down = (y - height / 2) * (this.height / height);
    return [
      this.x + across * this.cos - down * this.sin,
      this.y + across * this.sin + down * this.cos,
    ];
  }

  fromPicture([x, y], [width, height]) {
    const [dx, dy] = [x - this.x, y - this.y];
    return [
      (dx * this.cos + dy * this.sin) / (this.width / width) + width / 2,
      (dy * this.cos - dx * this.sin) / (this.height / height) + height / 2,
    ];
  }

  // Clockwise from the top left of the view.
  corners() {
    const places = [[0, 0], [1, 0], [1, 1], [0, 1]];
    return places.map((place) => this.toPicture(place, [1, 1]));
  }

  with(changes) {
    const { x, y, width, height, angle } = { ...this, ...changes };
    return new Frame(x, y, width, height, angle);
  }
}
