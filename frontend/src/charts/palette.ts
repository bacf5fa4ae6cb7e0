// Ten colours that stay apart for readers who see no red, green or blue, in light and in dark.
// Found by annealing: the least distance (OKLab) of any two, seen normally or by a protanope,
// deuteranope or tritanope, was made as large as it goes near chosen hues (tests/palette.test.ts).

export const LIGHT = [
  "#4446d2",
  "#c54b06",
  "#0a835d",
  "#9d2f92",
  "#986fee",
  "#c38b01",
  "#5e9fa6",
  "#8c2b07",
  "#482114",
  "#133665",
] as const;

export const DARK = [
  "#3e78ea",
  "#f48d4f",
  "#54d0ae",
  "#b241ac",
  "#da9fff",
  "#fdd33c",
  "#aff4f5",
  "#cc4808",
  "#8a6b68",
  "#809ab8",
] as const;

/** How many runs have colours of their own before dashes tell them apart. */
export const COLOURS = LIGHT.length;
