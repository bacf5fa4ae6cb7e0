// Runs in the frame beside plotly's own script: draws the figure that the page sends.
// The frame has no origin, and its policy lets it load nothing: a figure's content reaches neither.

interface Figure {
  data: unknown[];
  layout?: { [name: string]: unknown };
}

interface Plotly {
  newPlot(
    place: HTMLElement,
    data: unknown[],
    layout: { [name: string]: unknown },
    config: { [name: string]: unknown },
  ): Promise<unknown>;
}

const plotly = (window as unknown as { Plotly?: Plotly }).Plotly;

function tell(word: string): void {
  parent.postMessage({ runhooks: word }, "*");
}

addEventListener("message", async (event) => {
  if (event.source !== parent || !plotly) return;
  const figure = event.data as Figure;
  const layout = { ...figure.layout, autosize: true, width: undefined, height: undefined };
  try {
    document.body.style.margin = "0";
    document.body.style.height = "100vh";
    await plotly.newPlot(document.body, figure.data, layout, { responsive: true, displaylogo: false });
    tell("drawn");
  } catch {
    tell("broken");
  }
});
tell(plotly ? "ready" : "missing");
