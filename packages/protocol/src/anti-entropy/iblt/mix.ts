/** Scrambles 32 bits so that each bit of the result depends on all of `word`; one to one (MurmurHash3's last step). */
export function mix(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
  return word ^ (word >>> 16)
}
