/** The same object, each of whose getters is called once at most: when its property is first read. */
export function gettersOnce<T extends object>(object: T): T {
  for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    if (get === undefined) continue;
    const readOnce = () => {
      const value: unknown = get.call(object);
      Object.defineProperty(object, name, { value, enumerable: true });
      return value;
    };
    Object.defineProperty(object, name, { get: readOnce, enumerable: true, configurable: true });
  }
  return object;
}
