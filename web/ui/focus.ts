/** Moves the focus, but not out of a dialog that stands in front of where it would go. */
export function moveFocus(to: HTMLElement | null | undefined): void {
  if (!document.querySelector('[role=dialog]:not([hidden])')) to?.focus();
}
