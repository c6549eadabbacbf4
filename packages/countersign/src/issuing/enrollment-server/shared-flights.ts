/** Lets calls for the same thing at the same time share one undertaking. */

export type SharedFlights<T> = (key: string, start: () => Promise<T>) => Promise<T>;

export function sharedFlights<T>(): SharedFlights<T> {
  const flights = new Map<string, Promise<T>>();
  return (key, start) => {
    const flying = flights.get(key);
    if (flying !== undefined) return flying;
    const flight = start().finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
}
