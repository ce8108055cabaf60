// AssemblyScript, built to dist/cut.wasm; called by lib/source/cut.ts alone. https://www.assemblyscript.org

const LINE_FEED: u8 = 0x0a;
const SPACE: u8 = 0x20;
const MINUS: u8 = 0x2d;

/** 64 bytes are looked at together: one bit each. */
const BLOCK: usize = 64;

/** Where the bytes of a block are no part of a token: spaces, line feeds, and whatever has no place in regular text. */
function delimitersOf(at: usize): u64 {
  // As signed bytes, those above ASCII are less than 0.
  const printable = i8x16.splat(SPACE + 1);
  return (
    u64(u16(i8x16.bitmask(i8x16.lt_s(v128.load(at), printable)))) |
    (u64(u16(i8x16.bitmask(i8x16.lt_s(v128.load(at, 16), printable)))) << 16) |
    (u64(u16(i8x16.bitmask(i8x16.lt_s(v128.load(at, 32), printable)))) << 32) |
    (u64(u16(i8x16.bitmask(i8x16.lt_s(v128.load(at, 48), printable)))) << 48)
  );
}

/** Whether a token of at most 16 bytes is `-` or all digits. */
function isInteger(token: usize, size: u32): bool {
  const isDigit = i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(token), i8x16.splat(0x30)), i8x16.splat(10)));
  const all = (1 << size) - 1;
  return (isDigit & all) == all || (size == 1 && load<u8>(token) == MINUS);
}

/**
 * Copies the chosen columns of regular lines.
 *
 * @param columns a byte per column: bit 0 tells whether to copy it, the others how many digits it may have (at most 16); 0 for text
 * @param count columns in a line
 * @param input whole lines, `length` bytes
 * @param output as much room as the input has, and 16 bytes
 * @returns bytes written; -1 unless each line has as many tokens as there are columns, between single spaces, printable
 *   ASCII alone, integers as digits, and at most `maxLine` bytes
 */
export function cut(columns: usize, count: u32, input: usize, length: u32, maxLine: u32, output: usize): i32 {
  const end = input + length;
  const last = count - 1;
  let column: u32 = 0;
  let token = input;
  let line = input;
  let out = output;
  for (let at = input; at < end; at += BLOCK) {
    let delimiters = delimitersOf(at);
    if (end - at < BLOCK) delimiters &= (u64(1) << u64(end - at)) - 1;
    for (; delimiters != 0; delimiters &= delimiters - 1) {
      const delimiter = at + usize(ctz(delimiters));
      const size = u32(delimiter - token);
      if (size == 0 || load<u8>(delimiter) != (column == last ? LINE_FEED : SPACE)) return -1;
      const wish = load<u8>(columns + column);
      const digits: u32 = wish >> 1;
      if (digits != 0 && (size > digits || !isInteger(token, size))) return -1;
      if ((wish & 1) != 0) {
        for (let i: u32 = 0; i < size; i += 16) v128.store(out + i, v128.load(token + i));
        store<u8>(out + size, SPACE);
        out += size + 1;
      }
      token = delimiter + 1;
      if (column == last) {
        if (u32(delimiter - line) > maxLine) return -1;
        store<u8>(out - 1, LINE_FEED);
        line = token;
        column = 0;
      } else {
        column++;
      }
    }
  }
  return i32(out - output);
}
