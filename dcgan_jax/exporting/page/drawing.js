/** Pixels on canvases, and canvases as files. */

/** Gives a canvas the shape of a face, so that nothing moves as its first one comes. */
export function blank(canvas, [height, width]) {
  [canvas.width, canvas.height] = [width, height];
}

/**
 * Shows a face, one pixel of the canvas for each of its own; CSS enlarges it.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} pixels in [-1, 1], by row, column and channel.
 * @param {number[]} shape height, width and 1 or 3 channels.
 */
export function paint(canvas, pixels, [height, width, channels]) {
  const image = new ImageData(width, height); // clips to 0 … 255, and rounds
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++) {
      image.data[4 * i + c] = (pixels[channels * i + (c % channels)] + 1) * 127.5;
    }
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/**
 * Offers what a canvas shows as a PNG file.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {string} name of the file.
 * @param {number} scale each pixel becomes so many times as wide and high.
 */
export async function download(canvas, name, scale) {
  const large = document.createElement("canvas");
  [large.width, large.height] = [canvas.width * scale, canvas.height * scale];
  const context = large.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  const blob = await new Promise((resolve) => large.toBlob(resolve, "image/png"));
  const link = document.createElement("a");
  [link.href, link.download] = [URL.createObjectURL(blob), name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // saving starts after this has returned
}
