/** Serial numbers: 128 random bits, positive, never zero (RFC 5280 4.1.2.2; at least 64 bits from a CSPRNG by CA/B BR 7.1). */
import { pooledRandomBytes } from '../../runtime/cryptography/index.ts';

const octets = 16;
const randomOctets = pooledRandomBytes();

/** A first octet of zero is drawn again, so that each serial is written with all of its 16 octets everywhere; this costs 1/256 of the numbers. */
export function randomSerialNumber(): Uint8Array {
  for (;;) {
    const serial = randomOctets(octets);
    if (serial[0] !== 0) return serial;
  }
}
