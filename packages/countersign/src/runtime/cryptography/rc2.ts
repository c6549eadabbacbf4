/**
 * RC2 decryption (RFC 2268): the one cipher written here and not taken from node:crypto, which has none (OpenSSL keeps it in a
 * provider that Node does not load). PKCS#12 files of older programs encrypt their certificates with it; it is never written.
 */

/** PITABLE (RFC 2268, 2): a permutation from the digits of pi. */
const pi: Uint8Array = Buffer.from(
  [
    'd978f9c419ddb5ed28e9fd794aa0d89d',
    'c67e37832b76538e624c6488448bfba2',
    '179a59f587b34f1361456d8d09817d32',
    'bd8f40eb86b77b0bf09521225c6b4e82',
    '54d66593ce60b21c7356c014a78cf1dc',
    '1275ca1f3bbee4d1423dd430a33cb626',
    '6fbf0eda4669075727f21d9bbc944303',
    'f811c7f690ef3ee706c3d52fc8661ed7',
    '08e8eade8052eef784aa72ac354d6a2a',
    '961ad2715a1549744b9fd05e0418a4ec',
    'c2e0416e0f51cbcc2491af50a1f47039',
    '997c3a8523b8b47afc02365b25559731',
    '2d5dfa98e38a92ae05df2910676cbac9',
    'd300e6cfe19ea82c6316013f58e289a9',
    '0d38341bab33ffb0bb480c5fb9b1cd2e',
    'c5f3db47e5a59c770aa62068fe7fc1ad',
  ].join(''),
  'hex',
);

export const rc2BlockBytes = 8;

/** The 64 words of the expanded key (RFC 2268, 2). */
export function expandRc2Key(key: Uint8Array, effectiveBits: number): Uint16Array {
  const octets = new Uint8Array(128);
  octets.set(key);
  for (let at = key.length; at < 128; at++) {
    octets[at] = pi[((octets[at - 1] ?? 0) + (octets[at - key.length] ?? 0)) & 0xff] ?? 0;
  }
  const effectiveBytes = Math.ceil(effectiveBits / 8);
  const mask = 0xff >> (8 * effectiveBytes - effectiveBits);
  octets[128 - effectiveBytes] = pi[(octets[128 - effectiveBytes] ?? 0) & mask] ?? 0;
  for (let at = 127 - effectiveBytes; at >= 0; at--) {
    octets[at] = pi[(octets[at + 1] ?? 0) ^ (octets[at + effectiveBytes] ?? 0)] ?? 0;
  }
  return Uint16Array.from({ length: 64 }, (_, index) => (octets[2 * index] ?? 0) | ((octets[2 * index + 1] ?? 0) << 8));
}

/** Five rounds of mixing, one of mashing, six, one, five, backwards (RFC 2268, 4). */
const mashAfter: ReadonlySet<number> = new Set([11, 5]);

/** Bits by which each word of the block is rotated. */
const rotations = [1, 2, 3, 5] as const;

/** One block in place. */
export function decryptRc2Block(key: Uint16Array, block: DataView, at: number): void {
  const words = [0, 2, 4, 6].map((offset) => block.getUint16(at + offset, true)) as [number, number, number, number];
  for (let round = 15; round >= 0; round--) {
    for (let index = 3; index >= 0; index--) {
      const [before, second, third] = [
        words[(index + 3) & 3] ?? 0,
        words[(index + 2) & 3] ?? 0,
        words[(index + 1) & 3] ?? 0,
      ];
      const word = words[index] ?? 0;
      const by = rotations[index] ?? 0;
      const rotated = (word >> by) | (word << (16 - by));
      words[index] = (rotated - (key[4 * round + index] ?? 0) - (before & second) - (~before & third)) & 0xffff;
    }
    if (!mashAfter.has(round)) continue;
    for (let index = 3; index >= 0; index--) {
      words[index] = ((words[index] ?? 0) - (key[(words[(index + 3) & 3] ?? 0) & 63] ?? 0)) & 0xffff;
    }
  }
  words.forEach((word, index) => block.setUint16(at + 2 * index, word, true));
}

/** CBC, the padding left in place; as many effective bits as the key has. The ciphertext is of whole blocks. */
export function decryptRc2Cbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const expanded = expandRc2Key(key, 8 * key.length);
  const plaintext = Uint8Array.from(ciphertext);
  const view = new DataView(plaintext.buffer);
  for (let at = 0; at < plaintext.length; at += rc2BlockBytes) {
    decryptRc2Block(expanded, view, at);
    for (let index = 0; index < rc2BlockBytes; index++) {
      const previous = at === 0 ? iv[index] : ciphertext[at - rc2BlockBytes + index];
      plaintext[at + index] = (plaintext[at + index] ?? 0) ^ (previous ?? 0);
    }
  }
  return plaintext;
}
