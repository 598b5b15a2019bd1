// A list of any length of which only what is seen stands in the document.
import { Virtualizer, elementScroll, observeElementOffset, observeElementRect, type VirtualItem } from '@tanstack/virtual-core';

type Box = Virtualizer<HTMLElement, HTMLElement>;

export class VirtualList {
  items = $state.raw<VirtualItem[]>([]);
  total = $state(0);
  #box: Box;
  #scroller: HTMLElement | null = null;

  constructor(rowHeight: number) {
    this.#box = new Virtualizer<HTMLElement, HTMLElement>({
      count: 0,
      estimateSize: () => rowHeight,
      overscan: 12, // rows; enough to hide the drawing while scrolling fast
      getScrollElement: () => this.#scroller,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.#read(),
    });
  }

  #read(): void {
    this.items = this.#box.getVirtualItems();
    this.total = this.#box.getTotalSize();
  }

  /** attach starts watching the scrolling element; the function it returns ends that. */
  attach(scroller: HTMLElement): () => void {
    this.#scroller = scroller;
    const end = this.#box._didMount();
    this.#box._willUpdate();
    this.#read();
    return () => {
      end();
      this.#scroller = null;
    };
  }

  /** set tells how many rows there are and what each is called. */
  set(count: number, keyOf: (index: number) => string | number): void {
    this.#box.setOptions({ ...this.#box.options, count, getItemKey: keyOf });
    this.#box._willUpdate();
    this.#read();
  }

  /** measure watches the height of a drawn row. */
  measure = (node: HTMLElement): (() => void) => {
    this.#box.measureElement(node);
    return () => this.#box.measureElement(null);
  };

  /** forget drops all measured heights, after something changed them all. */
  forget(): void {
    this.#box.measure();
  }

  show(index: number): void {
    this.#box.scrollToIndex(index, { align: 'auto' });
  }
}
