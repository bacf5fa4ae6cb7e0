// The buttons that a page has only under `runhooks view`: that server, and no other, says so in the page's head.
import { h } from "./dom.ts";

/** What the buttons need to know of a run. */
export interface Managed {
  path: string;
  name: string;
  notes: string | null;
  tags: readonly string[];
  state: string;
}

/** Whether this page is served by `runhooks view`. */
export function isManaged(): boolean {
  return document.querySelector('meta[name="runhooks-view"]') !== null;
}

/** The tags that a person typed, separated by commas. */
export function tagsIn(words: string): string[] {
  const tags = words.split(",").map((tag) => tag.trim());
  return [...new Set(tags)].filter((tag) => tag !== "");
}

async function send(action: string, change: object): Promise<void> {
  const answer = await fetch(`/-/${action}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  });
  if (!answer.ok) {
    const said = await answer.text();
    throw new Error(said.startsWith("{") ? String(JSON.parse(said).error) : said);
  }
}

/** Do a change; what goes wrong is said, and the page stays as it is. */
async function change(action: string, wanted: object): Promise<boolean> {
  try {
    await send(action, wanted);
    return true;
  } catch (error) {
    window.alert(error instanceof Error ? error.message : String(error));
    return false;
  }
}

function button(label: string, title: string, click: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "button managing", title, on: { click } }, label);
}

function field(label: string, value: string): HTMLInputElement {
  return h("input", { class: "input", value, "aria-label": label, placeholder: label });
}

/** A form over the page for what people call a run. */
function edit(run: Managed): void {
  const name = field("Name", run.name);
  const notes = field("Notes", run.notes ?? "");
  const tags = field("Tags, separated by commas", run.tags.join(", "));
  const dialog = h("dialog", { class: "manage", "aria-label": "Edit this run" });
  const save = async (): Promise<void> => {
    const wanted = { run: run.path, name: name.value, notes: notes.value || null, tags: tagsIn(tags.value) };
    if (await change("edit", wanted)) location.reload();
  };
  dialog.append(
    name,
    notes,
    tags,
    button("Save", "Store these", () => void save()),
    button("Cancel", "Change nothing", () => dialog.close()),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A button that asks the run's process to stop, wherever it runs. */
function stopButton(run: Managed): HTMLButtonElement {
  const stop = button("Stop", "Ask this run's process to stop", () => {
    if (!window.confirm(`Stop ${run.name}?`)) return;
    void change("stop", { run: run.path }).then((done) => {
      if (!done) return;
      stop.disabled = true;
      stop.textContent = "Stop requested";
    });
  });
  return stop;
}

/** Buttons to stop, edit and delete a run, and to bring it back; none where nobody could serve them. */
export function manageButtons(run: Managed): HTMLElement[] {
  if (!isManaged()) return [];
  const undo = button("Undelete", "Bring this run back from the trash", () => {
    void change("restore", { run: run.path }).then((done) => done && location.reload());
  });
  const remove = button("Delete", "Put this run into the trash", () => {
    if (!window.confirm(`Put ${run.name} into the trash?`)) return;
    void change("delete", { run: run.path }).then((done) => done && remove.replaceWith(undo));
  });
  const first = run.state === "running" ? [stopButton(run)] : [];
  return [...first, button("Edit", "Change name, notes and tags", () => edit(run)), remove];
}
