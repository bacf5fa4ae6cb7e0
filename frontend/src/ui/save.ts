// Saving something made on the page as a file of the reader's.
import { h } from "./dom.ts";

/** Have the browser save a file. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = h("a", { href: address, download: fileName(name), hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  // After the browser has taken it.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A name that any file system takes. */
export function fileName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]+/gu, "-").replace(/^[.\s]+|[.\s]+$/g, "");
  return plain.slice(0, 120) || "runhooks";
}
