/** What only the host can do. Each of them may throw, which ends the run of the program. What it writes is at most 64 KiB. */

export const mostWritten: u32 = 65536;

/** Answers a question about a text. */
export declare function isMatch(question: u32, from: usize, to: usize): u32;
/** Answers a question about a key, which is the same each time. */
export declare function isMeant(question: u32, from: usize, to: usize): u32;
/** Writes another text for one to `out`; answers its length, or -1 to leave it. */
export declare function replacement(by: u32, from: usize, to: usize, out: usize): i32;
/** Writes the content of an AnyValue for another one to `out`; answers its length, or -1 to leave it. */
export declare function change(by: u32, from: usize, to: usize, out: usize): i32;
