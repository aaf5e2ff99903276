/** Makes elements. Text becomes text nodes and attributes, so that nothing anybody wrote becomes markup. */
export type Child = Node | string | false | null | undefined | Child[];
type Prop = string | number | boolean | undefined | ((event: Event) => void);

/** A function is a listener for the event of that name. */
export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  props: Record<string, Prop> = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : `${value}`);
  }
  element.append(...nodes(children));
  return element;
}

/** Everything in it that is to be shown. */
export const nodes = (children: Child): (Node | string)[] =>
  [children].flat(9 as 1).filter((child): child is Node | string => Boolean(child));

let ids = 0;
/** An id for `for` and `aria-describedby`. */
export const newId = (): string => `e${ids++}`;
