// Compares a page with a picture of how it is meant to look.
//
// The pictures are small: what is compared is which colours are where, not the shapes of
// letters, which differ from machine to machine. LIVE_DASHBOARD_REFERENCES=write takes
// them anew.

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { expect } from '@playwright/test';

const directory = new URL('../references/', import.meta.url);

// The width of a reference in pixels: at least ten of the page's make one of it.
const width = (page) => Math.min(96, page.viewportSize().width / 10);
// The difference of a block of 4 by 4 pixels that is a difference, of 255. An age or a time
// of day that differs makes less than a third of it.
const MOST = 24;

// Loads pictures, draws them in the reference's size and returns the reference and, if there are
// two, how many blocks differ and where.
const inPage = async ({ taken, reference, width, most }) => {
  const draw = async (data, height) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height ?? Math.round((width * image.height) / image.width);
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return { canvas, pixels: context.getImageData(0, 0, canvas.width, canvas.height).data };
  };
  const own = await draw(taken);
  const small = own.canvas.toDataURL('image/png').split(',')[1];
  if (!reference) return { small, differ: [] };
  const image = new Image();
  image.src = `data:image/png;base64,${reference}`;
  await image.decode();
  if (Math.abs(image.height - own.canvas.height) > 2) {
    return { small, differ: [`height ${own.canvas.height} instead of ${image.height}`] };
  }
  const other = await draw(reference, own.canvas.height);
  const differ = [];
  for (let top = 0; top < own.canvas.height; top += 4) {
    for (let left = 0; left < width; left += 4) {
      let sum = 0;
      let count = 0;
      for (let y = top; y < Math.min(top + 4, own.canvas.height); y += 1) {
        for (let x = left; x < left + 4; x += 1) {
          for (let channel = 0; channel < 3; channel += 1) {
            const at = 4 * (y * width + x) + channel;
            sum += own.pixels[at] - other.pixels[at];
            count += 1;
          }
        }
      }
      const difference = Math.abs(sum / count);
      if (difference > most) differ.push(`${left},${top}: ${Math.round(difference)}`);
    }
  }
  return { small, differ };
};

// Takes a picture, keeps it in the test's output, and compares it. `tool` is a page to draw in.
export async function expectReference(page, tool, name, info, { fullPage = false } = {}) {
  const path = info.outputPath(`${name}.png`);
  // How long states lasted differs from run to run.
  const mask = [page.locator('.lane')];
  const taken = (await page.screenshot({ path, fullPage, mask })).toString('base64');
  const file = new URL(`${name}.png`, directory);
  const write = process.env.LIVE_DASHBOARD_REFERENCES === 'write';
  const reference = write ? null : (await readFile(file)).toString('base64');
  const { small, differ } = await tool.evaluate(inPage, { taken, reference, width: width(page), most: MOST });
  if (write) await writeFile(file, Buffer.from(small, 'base64'));
  expect(differ, `${path} looks like ${fileURLToPath(file)} (blocks that differ)`).toEqual([]);
}
