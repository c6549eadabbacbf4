/** The condition that a certificate is of a line of renewals, in the form that uses the indexes: the first of a line is not in the index of lines. */

/**
 * @param certificate the name of the table in the statement
 * @param lineage an expression
 */
export function ofLine(certificate: string, lineage: string): string {
  const own = `${certificate}.lineage`;
  const serial = `${certificate}.serial`;
  return `((${serial} = ${lineage} AND ${own} = ${lineage}) OR (${own} = ${lineage} AND ${own} <> ${serial}))`;
}
