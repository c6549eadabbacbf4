/** How cost grows with size: the least-squares slope of log(cost) over log(size); 1 is linear, 2 quadratic. */
export function slope(points: readonly (readonly [size: number, cost: number])[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const);
  const meanX = mean(logs.map(([x]) => x));
  const meanY = mean(logs.map(([, y]) => y));
  const [upper, lower] = [
    logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0),
    logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0),
  ];
  return upper / lower;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
